import { seededRandom } from '@tocsin/testing';
import { makeBacklog, type Backlog, type Campaign } from './backlog.js';
import { ChannelModel, type Grant } from './channel-model.js';
import { LANE_COUNT, URGENT_LANES, URGENT_WINDOWS, type Model, type Policy, type SimulatedRelease } from './model.js';
import { TagsInOrder } from './tags-in-order.js';
import { Timeline } from './timeline.js';

export interface Submission {
  /** ms. */
  readonly at: number;
  /** Place of its release in the input. */
  readonly release: number;
  readonly cost: number;
}

export interface Simulated {
  readonly submissions: readonly Submission[];
  /** ms when the last message of a release was submitted, by place; undefined = not within the time simulated. */
  readonly completions: readonly (number | undefined)[];
  /** Most units granted and unanswered at once. */
  readonly mostOutstanding: number;
}

export interface Run {
  readonly policy: Policy;
  readonly model: Model;
  readonly seed: number;
  readonly releases: readonly SimulatedRelease[];
  /** Ends at this moment, ms, or once these releases are complete, whichever comes first. */
  readonly until?: number;
  readonly awaited?: readonly number[];
}

/** The whole loop in simulated time: scheduler -> granted topic -> channel -> provider -> attempts -> scheduler. The same input gives the same output. */
export function simulate(run: Run): Simulated {
  return new Dispatch(run).result();
}

class Dispatch {
  private readonly timeline = new Timeline();
  private readonly random: () => number;
  private readonly backlog: Backlog;
  private readonly channel: ChannelModel;
  private readonly submissions: Submission[] = [];
  private readonly completions: (number | undefined)[];
  private readonly unsent: number[];
  private readonly awaited: Set<number>;
  private readonly outstanding = Array.from({ length: LANE_COUNT }, () => 0);
  /** Granted and unanswered by lane, the tag of each unit in order. */
  private readonly before = Array.from({ length: LANE_COUNT }, () => new TagsInOrder());
  private mostOutstanding = 0;
  private turnPlanned = false;
  private lastTurn = -Infinity;
  private answered: Grant[] = [];
  private lastGrantArrival = 0;
  private lastAttemptArrival = 0;

  constructor(private readonly input: Run) {
    const { policy, model, releases } = input;
    this.random = seededRandom(input.seed);
    this.backlog = makeBacklog(policy, model);
    this.channel = new ChannelModel(this.timeline, model, policy, (grant) => this.submitted(grant));
    this.completions = releases.map(() => undefined);
    this.unsent = releases.map(({ contacts }) => contacts);
    this.awaited = new Set(input.awaited ?? releases.keys());
    for (const [index, release] of releases.entries()) this.timeline.at(release.at, () => this.released(release, index));
  }

  result(): Simulated {
    const until = this.input.until ?? Infinity;
    this.timeline.run(() => this.timeline.now > until || this.awaited.size === 0);
    return { submissions: this.submissions, completions: this.completions, mostOutstanding: this.mostOutstanding };
  }

  private released(release: SimulatedRelease, index: number): void {
    const { lane } = release;
    this.backlog.add({ ...release, index, left: release.contacts, servedIn: lane }, this.timeline.now);
    this.wake(lane < URGENT_LANES);
  }

  private wake(urgent: boolean): void {
    if (this.turnPlanned) return;
    this.turnPlanned = true;
    this.timeline.at(urgent ? this.timeline.now : Math.max(this.timeline.now, this.lastTurn + this.input.model.pace), () => {
      this.turnPlanned = false;
      this.turn();
    });
  }

  private turn(): void {
    const { now } = this.timeline;
    this.lastTurn = now;
    const grants: Grant[] = [];
    const admits = (lane: number, tag: number): boolean => this.admits(lane, tag);
    for (let next = this.backlog.next(admits, now); next; next = this.backlog.next(admits, now)) grants.push(this.granted(next));
    if (grants.length === 0) return;
    this.lastGrantArrival = Math.max(this.lastGrantArrival, now + this.hop());
    this.timeline.at(this.lastGrantArrival, () => this.channel.hold(grants));
  }

  /** The window counts what the channel serves before the item, as services/routing does (ADR 0019). */
  private admits(lane: number, tag: number): boolean {
    let units = this.before[lane]?.upTo(tag) ?? 0;
    for (let other = 0; other < lane; other++) units += this.outstanding[other] ?? 0;
    return units < this.input.model.window * (lane < URGENT_LANES ? URGENT_WINDOWS : 1);
  }

  private granted({ campaign, tag }: { readonly campaign: Campaign; readonly tag: number }): Grant {
    const { cost, servedIn: lane } = campaign;
    this.count(lane, cost);
    this.before[lane]?.add(tag, cost);
    return { campaign, lane, tag, key: tag, arrival: 0, slot: -1 };
  }

  private submitted(grant: Grant): void {
    const { campaign } = grant;
    const { now } = this.timeline;
    this.submissions.push({ at: now, release: campaign.index, cost: campaign.cost });
    const unsent = (this.unsent[campaign.index] ?? 0) - 1;
    this.unsent[campaign.index] = unsent;
    if (unsent === 0) {
      this.completions[campaign.index] = now;
      this.awaited.delete(campaign.index);
    }
    this.timeline.in(this.input.model.roundTrip, () => this.answer(grant));
  }

  private answer(grant: Grant): void {
    this.answered.push(grant);
    const urgent = grant.lane < URGENT_LANES;
    if (this.answered.length > 1 && !urgent) return;
    this.timeline.in(urgent ? 0 : this.input.model.flush, () => this.flush());
  }

  private flush(): void {
    const attempts = this.answered;
    if (attempts.length === 0) return;
    this.answered = [];
    this.lastAttemptArrival = Math.max(this.lastAttemptArrival, this.timeline.now + this.hop());
    this.timeline.at(this.lastAttemptArrival, () => {
      for (const { campaign, lane, tag } of attempts) {
        this.backlog.served(lane, tag);
        this.count(lane, -campaign.cost);
        this.before[lane]?.remove(tag, campaign.cost);
      }
      this.wake(false);
    });
  }

  private count(lane: number, units: number): void {
    this.outstanding[lane] = (this.outstanding[lane] ?? 0) + units;
    this.mostOutstanding = Math.max(
      this.mostOutstanding,
      this.outstanding.reduce((sum, one) => sum + one, 0),
    );
  }

  private hop(): number {
    const { hopAtLeast, hopMean } = this.input.model;
    return hopAtLeast - Math.log(1 - this.random()) * hopMean;
  }
}
