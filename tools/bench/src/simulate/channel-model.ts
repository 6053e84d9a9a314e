import { FlowHeap, TokenBucket, type HeapMember } from '@tocsin/fairness';
import type { Campaign } from './backlog.js';
import { LANE_COUNT, type Model, type Policy } from './model.js';
import type { Timeline } from './timeline.js';

export interface Grant extends HeapMember {
  readonly campaign: Campaign;
  readonly lane: number;
  readonly tag: number;
}

/** Timers of the run-time have this grain, ms. */
const TIMER_GRAIN_MS = 1;

/** A channel: holds grants by lane and tag (or as they came), as many as it may, and submits as its token bucket allows. */
export class ChannelModel {
  private readonly held = Array.from({ length: LANE_COUNT }, () => new FlowHeap<Grant>());
  private readonly bucket: TokenBucket;
  /** Not held yet, as they came. */
  private coming: Grant[] = [];
  private holding = 0;
  private arrivals = 0;
  private looking = false;

  constructor(
    private readonly timeline: Timeline,
    private readonly model: Model,
    private readonly policy: Policy,
    private readonly submit: (grant: Grant) => void,
  ) {
    this.bucket = new TokenBucket(model.rate, 0);
  }

  hold(grants: readonly Grant[]): void {
    this.coming.push(...grants);
    this.takeIn();
    this.look();
  }

  private takeIn(): void {
    const room = this.model.holds - this.holding;
    if (room <= 0 || this.coming.length === 0) return;
    const taken = this.coming.slice(0, room);
    this.coming = this.coming.slice(room);
    this.holding += taken.length;
    for (const grant of taken) {
      grant.arrival = ++this.arrivals;
      if (this.policy === 'fair, channel not ordered by tag') grant.key = 0;
      this.held[grant.lane]?.settle(grant);
    }
  }

  private look(): void {
    if (this.looking) return;
    for (;;) {
      const heap = this.held.find((lane) => lane.size > 0);
      const grant = heap?.first();
      if (!heap || !grant) return;
      const { now } = this.timeline;
      if (!this.bucket.ready(now)) {
        this.looking = true;
        this.timeline.in(Math.ceil(this.bucket.waitMs(now) / TIMER_GRAIN_MS) * TIMER_GRAIN_MS, () => {
          this.looking = false;
          this.look();
        });
        return;
      }
      heap.remove(grant);
      this.holding--;
      this.takeIn();
      this.bucket.take(grant.campaign.cost, now);
      this.submit(grant);
    }
  }
}
