import type { Campaign, Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import type { TocsinError } from '@tocsin/errors';
import type { Counter, Logger, Metrics } from '@tocsin/observability';
import { completesAfterExpiry, judgeLate } from '../core/late-release.js';
import type { Forecaster, TenantTerms } from './forecaster.js';

/** Forecasts at the moments people decide: counted, and never in the way of an alert when nobody can foresee. */
export class Forecasts {
  private readonly foreseen: Counter;
  private readonly late: Counter;

  constructor(
    private readonly forecaster: Forecaster,
    private readonly deps: { readonly logger: Logger; readonly metrics: Metrics },
  ) {
    this.foreseen = deps.metrics.counter({
      name: 'campaigns_forecasts_total',
      help: 'Completions asked for before a release, and whether anybody could say.',
      labels: { outcome: ['foreseen', 'unknown'] },
    });
    this.late = deps.metrics.counter({
      name: 'campaigns_late_releases_total',
      help: 'Releases foreseen to end after their expiry: refused, accepted by their agent, or warned of only (life-safety).',
      labels: { outcome: ['refused', 'accepted', 'warned'] },
    });
  }

  /** undefined: nobody can say. */
  foresee(campaign: Campaign, tenant: TenantTerms): Forecast | undefined {
    const forecast = this.unlessBroken(campaign, () => this.forecaster.foresee(campaign, tenant));
    this.foreseen.add({ outcome: forecast ? 'foreseen' : 'unknown' });
    return forecast;
  }

  /** Of a campaign that runs; undefined: nobody can say. */
  running(campaign: Campaign): Forecast | undefined {
    return this.unlessBroken(campaign, () => this.forecaster.running(campaign));
  }

  /** The forecast; throws FAILED_PRECONDITION where the campaign would expire before it is complete, unless its agent accepts that. */
  checkInTime(campaign: Campaign, tenant: TenantTerms, acceptLate: boolean): Forecast | undefined {
    const forecast = this.foresee(campaign, tenant);
    const refusal = forecast && this.unlessBroken(campaign, () => this.refusal(campaign, tenant, forecast, acceptLate));
    if (refusal) throw refusal;
    return forecast;
  }

  /** It is released now. */
  begin(campaign: Campaign, tenant: TenantTerms, forecast: Forecast | undefined): void {
    this.forecaster.begin(campaign, tenant, forecast);
  }

  private refusal(campaign: Campaign, tenant: TenantTerms, forecast: Forecast, acceptLate: boolean): TocsinError | undefined {
    const verdict = judgeLate(campaign, forecast, () => this.forecaster.mostInTime(campaign, tenant, forecast));
    if (verdict === 'in-time') return undefined;
    const outcome = acceptLate ? 'accepted' : verdict;
    this.late.add({ outcome });
    if (outcome !== 'refused') return undefined;
    return completesAfterExpiry(campaign, forecast, this.forecaster.remedies(campaign, tenant, forecast));
  }

  /** A defect in what foresees must hold back nobody: no release, no stop and no reader. */
  private unlessBroken<T>(campaign: Campaign, foresee: () => T | undefined): T | undefined {
    try {
      return foresee();
    } catch (error) {
      this.deps.logger.error('campaigns.forecast-failed', { campaignId: campaign.campaignId, error });
      return undefined;
    }
  }
}
