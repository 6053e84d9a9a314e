import { FairLanes, FifoLanes, UrgencyBudget, type FairPick, type LaneOrder } from '@tocsin/fairness';
import { DEMOTED_LANE, LANE_COUNT, type Model, type Policy, type SimulatedRelease } from './model.js';

/** A release with what is left of it. */
export interface Campaign extends SimulatedRelease {
  readonly index: number;
  left: number;
  /** Where it is served now: its own lane, or standard beyond its tenant's budget. */
  servedIn: number;
}

/** Whose turn it is under a policy, by libs/fairness itself. */
export interface Backlog {
  add(campaign: Campaign, now: number): void;
  has(lane: number): boolean;
  /** The next item of an admitted lane, taken. */
  next(admits: (lane: number) => boolean, now: number): { readonly campaign: Campaign; readonly tag: number } | undefined;
  /** The next item of one tenant, whoever is before it, taken. */
  nextOf(lane: number, tenant: string, now: number): { readonly campaign: Campaign; readonly tag: number } | undefined;
  served(lane: number, tag: number): void;
}

export function makeBacklog(policy: Policy, model: Model): Backlog {
  return new LaneBacklog(policy, model);
}

class LaneBacklog implements Backlog {
  private readonly lanes: LaneOrder;
  private readonly campaigns = new Map<string, Campaign>();
  private readonly budget: UrgencyBudget | undefined;

  constructor(
    private readonly policy: Policy,
    model: Model,
  ) {
    this.lanes = policy === 'fifo' ? new FifoLanes(LANE_COUNT) : new FairLanes(LANE_COUNT);
    this.budget = model.budget && new UrgencyBudget(model.budget);
  }

  add(campaign: Campaign, now: number): void {
    this.campaigns.set(String(campaign.index), campaign);
    this.place(campaign, now);
  }

  has(lane: number): boolean {
    return this.lanes.hasBacklog(lane);
  }

  next(admits: (lane: number) => boolean, now: number) {
    return this.take(this.lanes.pick(admits), now);
  }

  nextOf(lane: number, tenant: string, now: number) {
    return this.take(this.lanes.pickOf(lane, tenant), now);
  }

  served(lane: number, tag: number): void {
    this.lanes.served(lane, tag);
  }

  private take(pick: FairPick | undefined, now: number): { readonly campaign: Campaign; readonly tag: number } | undefined {
    const campaign = pick && this.campaigns.get(pick.campaign);
    if (!pick || !campaign) return undefined;
    const tag = this.lanes.take(pick, campaign.cost);
    if (this.policy === 'fair, virtual time as granted') this.lanes.served(pick.lane, tag);
    campaign.left--;
    if (pick.lane === 0) this.budget?.charge(campaign.tenant, campaign.cost, now);
    if (campaign.left === 0) {
      this.lanes.setBacklogged(pick.lane, campaign.tenant, pick.campaign, false);
      this.campaigns.delete(pick.campaign);
    } else if (campaign.lane === 0 && this.budget) this.place(campaign, now);
    return { campaign, tag };
  }

  /** Where the campaign's next item is served: a spent budget moves it to standard, for good. */
  private place(campaign: Campaign, now: number): void {
    const spent = campaign.lane === 0 && this.budget?.within(campaign.tenant, now) === false;
    const lane = spent || campaign.servedIn > campaign.lane ? DEMOTED_LANE : campaign.lane;
    if (lane !== campaign.servedIn) this.lanes.setBacklogged(campaign.servedIn, campaign.tenant, String(campaign.index), false);
    campaign.servedIn = lane;
    this.lanes.addFlow(lane, campaign.tenant, campaign.weight);
    this.lanes.setBacklogged(lane, campaign.tenant, String(campaign.index), true);
  }
}
