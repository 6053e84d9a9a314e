import { Allowances, FairLanes, FifoLanes, type Allowance, type FairPick, type LaneOrder } from '@tocsin/fairness';
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
  /** The next item of an admitted lane, taken. */
  next(admits: (lane: number, tag: number) => boolean, now: number): { readonly campaign: Campaign; readonly tag: number } | undefined;
  served(lane: number, tag: number): void;
}

export function makeBacklog(policy: Policy, model: Model): Backlog {
  return new LaneBacklog(policy, model);
}

class LaneBacklog implements Backlog {
  private readonly lanes: LaneOrder;
  private readonly campaigns = new Map<string, Campaign>();
  private readonly budget: Allowance | undefined;
  private readonly urgent = new Allowances();

  constructor(
    private readonly policy: Policy,
    model: Model,
  ) {
    this.lanes = policy === 'fifo' ? new FifoLanes(LANE_COUNT) : new FairLanes(LANE_COUNT);
    this.budget = model.budget;
  }

  add(campaign: Campaign, now: number): void {
    this.campaigns.set(String(campaign.index), campaign);
    this.place(campaign, now);
  }

  next(admits: (lane: number, tag: number) => boolean, now: number) {
    return this.take(this.lanes.pick(admits), now);
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
    if (pick.lane === 0 && this.budget) this.urgent.charge(campaign.tenant, this.budget, campaign.cost, now);
    if (campaign.left === 0) {
      this.lanes.setBacklogged(pick.lane, campaign.tenant, pick.campaign, false);
      this.campaigns.delete(pick.campaign);
    } else if (campaign.lane === 0 && this.budget) this.place(campaign, now);
    return { campaign, tag };
  }

  /** Where the campaign's next item is served: a spent budget moves it to standard, for good. */
  private place(campaign: Campaign, now: number): void {
    const spent = campaign.lane === 0 && this.budget !== undefined && !this.urgent.within(campaign.tenant, this.budget, now);
    const lane = spent || campaign.servedIn > campaign.lane ? DEMOTED_LANE : campaign.lane;
    if (lane !== campaign.servedIn) this.lanes.setBacklogged(campaign.servedIn, campaign.tenant, String(campaign.index), false);
    campaign.servedIn = lane;
    this.lanes.addFlow(lane, campaign.tenant, campaign.weight);
    this.lanes.setBacklogged(lane, campaign.tenant, String(campaign.index), true);
  }
}
