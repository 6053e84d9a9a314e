import { FairLanes } from '@tocsin/fairness';
import { Lane } from '@tocsin/contracts/common/v1/common';

/** A plan as it waits for its next page. */
export interface WaitingPlan {
  readonly campaignId: string;
  /** '' where it is not known (a plan taken up by an earlier release of Tocsin): it then counts as a tenant of its own. */
  readonly tenantId: string;
  /** 1 = most severe. */
  readonly lane: number;
  /** The tenant's fair part. */
  readonly weight: number;
  /** Its first page, which alone is what its first hand-over waits for. */
  readonly first: boolean;
}

/** Places of the queue, the first served first; a first page is one step, so it holds up nobody for long. */
const PLACES = { lifeSafety: 0, urgent: 1, firstStandard: 2, standard: 3, firstBulk: 4, bulk: 5 } as const;
const COUNT = Object.keys(PLACES).length;
/** Places up to this one do not wait for a free worker either. */
const PROMPT = PLACES.firstStandard;

/** Plans waiting for their next page: by lane, first pages before others, then fairly among tenants, then their campaigns in turn. A plan that is being worked on is outside. */
export class PlanQueue {
  private readonly order = new FairLanes(COUNT);
  private readonly waiting = new Map<string, WaitingPlan>();

  /** Puts a plan behind what its tenant had, unless it waits there already. */
  add(plan: WaitingPlan): void {
    if (this.waiting.has(plan.campaignId)) return;
    this.waiting.set(plan.campaignId, plan);
    this.order.addFlow(placeOf(plan), tenantOf(plan), plan.weight);
    this.order.setBacklogged(placeOf(plan), tenantOf(plan), plan.campaignId, true);
  }

  /** `promptOnly`: only what must not wait for a free worker. */
  next(promptOnly = false): string | undefined {
    const pick = this.order.pick((place) => !promptOnly || place <= PROMPT);
    if (!pick) return undefined;
    this.order.served(pick.lane, this.order.take(pick, 1));
    this.remove(pick.campaign);
    return pick.campaign;
  }

  remove(campaignId: string): void {
    const plan = this.waiting.get(campaignId);
    if (!plan) return;
    this.waiting.delete(campaignId);
    this.order.setBacklogged(placeOf(plan), tenantOf(plan), campaignId, false);
  }

  /** No plan is in work any more: what each tenant had is forgotten, so that memory does not grow with them. */
  rest(): void {
    for (const place of Object.values(PLACES)) this.order.rest(place);
  }
}

function tenantOf({ tenantId, campaignId }: WaitingPlan): string {
  return tenantId === '' ? campaignId : tenantId;
}

function placeOf({ lane, first }: WaitingPlan): number {
  if (lane <= Lane.LIFE_SAFETY) return PLACES.lifeSafety;
  if (lane === Lane.URGENT) return PLACES.urgent;
  if (lane === Lane.STANDARD) return first ? PLACES.firstStandard : PLACES.standard;
  return first ? PLACES.firstBulk : PLACES.bulk;
}
