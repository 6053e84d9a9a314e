import type { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignLog } from './campaign-log.js';
import type { ChaosTenant } from './tenant.js';

/** Between two looks at a campaign's figures, ms. */
const LOOK_MS = 2_000;
/** A look during a fault may find nobody; it is not made again. */
const LOOK_DEADLINE_MS = 4_000;
const MAX_EXAMPLES = 8;

/** Looks at the figures of campaigns under way, one at a time in turns, and counts those that do not add up (G18). */
export class TallyWatch {
  samples = 0;
  unbalanced = 0;
  readonly examples: string[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly tenants: readonly ChaosTenant[],
    private readonly logs: readonly CampaignLog[],
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const log = this.logs[this.#turn++ % Math.max(1, this.logs.length)];
    const tenant = log === undefined ? undefined : this.tenants[log.planned.tenant];
    if (log === undefined || tenant === undefined) return;
    try {
      const { campaign } = await tenant.agent.campaigns.getCampaign(
        { tenantId: log.tenantId, campaignId: log.campaignId },
        { deadlineMs: LOOK_DEADLINE_MS },
      );
      if (campaign?.tally === undefined) return;
      this.samples += 1;
      const wrong = imbalance(campaign.tally, log.numbers.count);
      if (wrong === undefined) return;
      this.unbalanced += 1;
      if (this.examples.length < MAX_EXAMPLES) this.examples.push(`${log.campaignId}: ${wrong}`);
    } catch {
      // Nobody answered in time: whether calls succeed is counted elsewhere.
    }
  }
}

/** What does not add up in a tally at any instant; undefined = all of it does. */
export function imbalance(tally: Tally, contacts: number): string | undefined {
  const ended = tally.delivered + tally.acceptedClosed + tally.failed + tally.suppressed + tally.expired + tally.cancelled;
  if (tally.recipients !== ended + tally.pending) return `${tally.recipients} recipients, ${ended} ended and ${tally.pending} pending`;
  if (tally.recipients > contacts) return `${tally.recipients} recipients of ${contacts} contacts`;
  if (tally.terminal > tally.recipients) return `${tally.terminal} terminal of ${tally.recipients}`;
  return undefined;
}
