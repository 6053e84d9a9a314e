import { FlowHeap, TokenBucket, type HeapMember } from '@tocsin/fairness';
import type { Campaign } from './backlog.js';
import { LANE_COUNT, type Model, type Policy } from './model.js';
import type { Timeline } from './timeline.js';

export interface Grant extends HeapMember {
  readonly campaign: Campaign;
  readonly lane: number;
  readonly tag: number;
  readonly beyondWindow: boolean;
}

/** Timers of the run-time have this grain, ms. */
const TIMER_GRAIN_MS = 1;

/** A channel: holds grants by lane and tag (or as they came), submits as its token bucket allows. */
export class ChannelModel {
  private readonly held = Array.from({ length: LANE_COUNT }, () => new FlowHeap<Grant>());
  private readonly bucket: TokenBucket;
  private arrivals = 0;
  private looking = false;

  constructor(
    private readonly timeline: Timeline,
    model: Model,
    private readonly policy: Policy,
    private readonly submit: (grant: Grant) => void,
  ) {
    this.bucket = new TokenBucket(model.rate, 0);
  }

  hold(grants: readonly Grant[]): void {
    for (const grant of grants) {
      grant.arrival = ++this.arrivals;
      if (this.policy === 'fair, channel not ordered by tag') grant.key = 0;
      this.held[grant.lane]?.settle(grant);
    }
    this.look();
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
      this.bucket.take(grant.campaign.cost, now);
      this.submit(grant);
    }
  }
}
