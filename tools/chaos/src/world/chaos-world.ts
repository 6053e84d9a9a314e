import { setTimeout as wait } from 'node:timers/promises';
import { createObservability } from '@tocsin/observability';
import type { GrpcDeps } from '@tocsin/grpc';
import { CALL_DEADLINE_MS, Partner } from '../../../stack/dist/job/partner.js';
import { sideBySide } from '../../../stack/dist/job/side-by-side.js';
import { judgeCampaign, notOver, type ReportedRecipient, type Verdict } from '../oracle/judge-campaign.js';
import { judgeCorrection } from '../oracle/judge-correction.js';
import { miscounted } from '../oracle/judge-tally.js';
import { OracleLedger } from '../oracle/oracle-ledger.js';
import { readReport } from '../oracle/read-report.js';
import type { PlannedCampaign, PlannedTenant } from '../plan/plan-campaigns.js';
import type { Target } from '../target/target.js';
import type { CampaignLog } from './campaign-log.js';
import { driveCampaign } from './drive-campaign.js';
import { persist, type CallTroubles } from './persist.js';
import { createTenant, type ChaosTenant } from './tenant.js';
import { untilQuiet } from './until-quiet.js';

/** Tenants set up at once. */
const SIDE_BY_SIDE = 6;
/** Looks at figures that differ from their report, and ms between them: they follow within some seconds. */
const FIGURES_LOOKS = 4;
const FIGURES_AGAIN_MS = 3_000;
/** Campaigns whose report is read at once. */
const JUDGED_AT_ONCE = 3;

export interface Judgement {
  /** By campaign id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly oracle: OracleLedger;
  /** Campaigns at the oracle that nobody released. */
  readonly unknownCampaigns: number;
}

/** Municipalities with generated registers on a target that runs, what was asked of Tocsin for them, and its judgement. */
export class ChaosWorld {
  readonly logs: CampaignLog[] = [];
  readonly troubles: CallTroubles = { failed: new Map() };
  /** Campaigns that could not be released, with why. */
  readonly unreleased: string[] = [];
  /** Ids of campaigns that were not over when all should have been. */
  #open: ReadonlySet<string> = new Set();

  private constructor(
    readonly target: Target,
    readonly tenants: readonly ChaosTenant[],
    readonly grpc: GrpcDeps,
    private readonly say: (line: string) => void,
  ) {}

  static async open(target: Target, planned: readonly PlannedTenant[], say: (line: string) => void): Promise<ChaosWorld> {
    const grpc = createObservability({ service: 'chaos', instanceId: `chaos-${process.pid}`, logLevel: 'error' });
    const address = target.gateways.join(',');
    const admin = new Partner(address, await target.adminKey(), grpc);
    let number = 0;
    const wanted = planned.map((tenant) => ({ tenant, first: (number += tenant.contacts) - tenant.contacts }));
    const tenants = await sideBySide(wanted, SIDE_BY_SIDE, ({ tenant, first }) => createTenant(tenant, first, { admin, address, grpc }));
    admin.close();
    say(`${tenants.length} tenants with ${number} contacts.`);
    return new ChaosWorld(target, tenants, grpc, say);
  }

  /** Drafts, releases and treats one campaign as planned, its moments counted from `begun` (Unix ms). */
  async drive(planned: PlannedCampaign, begun: number): Promise<void> {
    const tenant = this.tenants[planned.tenant];
    if (tenant === undefined) throw new Error(`there is no tenant ${planned.tenant}`);
    try {
      await driveCampaign(planned, tenant, begun, this.troubles, (log) => this.logs.push(log));
    } catch (failure) {
      this.unreleased.push(`${planned.index}: ${String(failure)}`);
    }
  }

  /** Waits until all that was released is over and counted, or the deadline has passed. */
  async quiet(deadlineMs: number): Promise<void> {
    const open = await untilQuiet(this.tenants, this.logs, deadlineMs, this.say);
    this.#open = new Set(open.map(({ campaignId }) => campaignId));
    if (open.length > 0) this.say(`Not over: ${open.map(({ campaignId }) => campaignId).join(', ')}.`);
  }

  /** Joins what was asked, what is reported and what the providers took. */
  async judge(): Promise<Judgement> {
    const oracle = new OracleLedger();
    for (const channel of Object.keys(this.target.rates)) oracle.readFile(channel, this.target.ledger(channel));
    const verdicts = new Map<string, Verdict>();
    await sideBySide(this.logs, JUDGED_AT_ONCE, async ({ planned, campaignId, numbers, expiresAt, stoppedAt, corrects }) => {
      const tenant = this.tenants[planned.tenant];
      if (tenant === undefined) return;
      const { report, off } = await this.#reportAndFigures(tenant, campaignId);
      const intent = { numbers, named: numbers.count, channels: planned.channels, mode: planned.mode, expiresAt, stoppedAt };
      const taken = oracle.of(campaignId);
      const judged =
        corrects === undefined
          ? judgeCampaign(intent, taken, report)
          : judgeCorrection(intent, { taken: oracle.of(corrects), report: await this.#report(tenant, corrects) }, { taken, report });
      const counted = { ...judged, miscounted: off };
      const verdict = this.#open.has(campaignId) ? notOver(counted) : counted;
      verdicts.set(campaignId, verdict);
      const what = `${campaignId} (campaign ${planned.index}: ${planned.lane}, ${planned.mode}, ${planned.act.kind})`;
      for (const example of verdict.examples) this.say(`${what}: ${example}.`);
    });
    const known = new Set(this.logs.map(({ campaignId }) => campaignId));
    return { verdicts, oracle, unknownCampaigns: oracle.campaigns().filter((id) => !known.has(id)).length };
  }

  #report({ agent, tenantId }: ChaosTenant, campaignId: string): Promise<readonly ReportedRecipient[]> {
    return persist(() => readReport(agent, tenantId, campaignId), this.troubles);
  }

  /** A campaign's report, and by how many recipients its figures differ from it; read again while a late receipt is on its way from one to the other. */
  async #reportAndFigures(
    tenant: ChaosTenant,
    campaignId: string,
  ): Promise<{ readonly report: readonly ReportedRecipient[]; readonly off: number }> {
    const { agent, tenantId } = tenant;
    for (let look = 1; ; look += 1) {
      const report = await this.#report(tenant, campaignId);
      const { campaign } = await persist(
        () => agent.campaigns.getCampaign({ tenantId, campaignId }, { deadlineMs: CALL_DEADLINE_MS }),
        this.troubles,
      );
      const off = campaign?.tally === undefined ? report.length : miscounted(campaign.tally, report);
      if (off === 0 || look === FIGURES_LOOKS) return { report, off };
      await wait(FIGURES_AGAIN_MS);
    }
  }
}
