import type { Campaign, Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Counter, Logger, Metrics } from '@tocsin/observability';
import { completesAfterExpiry, judgeLate } from '../core/late-release.js';
import type { Forecaster } from './forecaster.js';

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
  foresee(campaign: Campaign, weight: number): Forecast | undefined {
    try {
      const forecast = this.forecaster.foresee(campaign, weight);
      this.foreseen.add({ outcome: forecast ? 'foreseen' : 'unknown' });
      return forecast;
    } catch (error) {
      // A defect here must hold back nobody.
      this.deps.logger.error('campaigns.forecast-failed', { campaignId: campaign.campaignId, error });
      this.foreseen.add({ outcome: 'unknown' });
      return undefined;
    }
  }

  /** The forecast; throws FAILED_PRECONDITION where the campaign would expire before it is complete, unless its agent accepts that. */
  checkInTime(campaign: Campaign, weight: number, acceptLate: boolean): Forecast | undefined {
    const forecast = this.foresee(campaign, weight);
    const verdict = judgeLate(campaign, forecast);
    if (!forecast || verdict === 'in-time') return forecast;
    const outcome = acceptLate ? 'accepted' : verdict;
    this.late.add({ outcome });
    if (outcome === 'refused') throw completesAfterExpiry(campaign, forecast, this.forecaster.remedies(campaign, weight, forecast));
    return forecast;
  }

  /** It is released now. */
  begin(campaign: Campaign, weight: number, forecast: Forecast | undefined): void {
    this.forecaster.begin(campaign, weight, forecast);
  }
}
