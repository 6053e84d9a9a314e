import type { LiveCapacity } from './shares.js';

/** Until a free place in the window is granted again: the scheduler's pace and its send, ms. */
const GRANT_WAIT_MS = 20;
/** Until a channel has written an answered attempt, ms. */
const ATTEMPT_FLUSH_MS = 40;
/** One record from producer to consumer through Kafka, ms (measured p50 8, p95 25 on a busy machine); a grant and its attempt make two. */
const HOP_MS = 25;
/** Slack over the sum: everything above is a median, and a channel that waits for grants loses rate for good. */
const SLACK = 1.3;
/** The window is judged anew this often, ms. */
const JUDGE_EVERY_MS = 1_000;
/** Below this part of the rate, while the window holds grants back, the channel may be starving: 97 % of a provider is promised, 99 are aimed at. */
const STARVING_PART = 0.985;
/** Judged over so many seconds, as far as there are: attempts come in batches, which make a single second 5 % fuller or emptier than it was. */
const JUDGED_TOGETHER = 3;
/** An item that waited this long in the channel was not missing there, ms. */
const COMFORTABLE_WAIT_MS = 250;
/** Items wait this long in the channel: the window is far larger than the drain needs, ms. */
const LONG_WAIT_MS = 2_000;
const GROW = 1.3;
const SHRINK = 0.8;
/** The loop is never taken for longer than this many times its sum: beyond it something else is slow. */
const MAX_STRETCH = 6;
/** Units granted and unanswered at most, whatever rate and round trip are told: some 50 bytes each in a checkpoint, which is one document (16 MB). */
export const MAX_WINDOW = 50_000;
/** A slow provider's window follows its drain, with room to notice that it recovers. */
const DRAIN_ROOM = 1.5;
/** Smallest part of the configured rate that a measured drain may make of the window. */
const MIN_DRAIN_PART = 0.02;

/** How much may be granted and unanswered, in cost units: what covers the loop and no more, for whatever lies in a FIFO below is unfairness. */
export class GrantedWindow {
  private stretch = 1;
  private since = -Infinity;
  private settled = 0;
  private waited = 0;
  private samples = 0;
  private held = false;
  /** The last seconds since the window was last changed, each one in which it held grants back. */
  private recent: { readonly units: number; readonly ms: number }[] = [];
  /** Cost units a second; undefined = follow the configured rate. */
  private drain: number | undefined;

  /** Units; at least one item for each live share is allowed beside it by the caller. */
  size(live: LiveCapacity): number {
    const loop = ((GRANT_WAIT_MS + ATTEMPT_FLUSH_MS + 2 * HOP_MS + live.roundTrip) * SLACK * this.stretch) / 1_000;
    const rate = this.drain === undefined ? live.rate : Math.min(live.rate, Math.max(this.drain * DRAIN_ROOM, live.rate * MIN_DRAIN_PART));
    return Math.min(rate * loop, MAX_WINDOW);
  }

  /** The window kept something back. */
  heldBack(): void {
    this.held = true;
  }

  /** An attempt answered: its cost, and how long it lay between grant and submission, ms (undefined = unknown). */
  answered(cost: number, waitMs: number | undefined): void {
    this.settled += cost;
    if (waitMs === undefined) return;
    this.waited += Math.max(0, waitMs);
    this.samples++;
  }

  /** Once a second: a channel that starves gets more, one where items lie gets less. */
  judge(live: LiveCapacity, now: number): void {
    const elapsed = now - this.since;
    if (elapsed < JUDGE_EVERY_MS) return;
    // After a pause the figures describe idleness, not the loop.
    if (elapsed < 3 * JUDGE_EVERY_MS && this.samples > 0 && live.rate > 0) {
      const drain = (this.settled * 1_000) / elapsed;
      const wait = this.waited / this.samples;
      if (wait < COMFORTABLE_WAIT_MS && this.held && this.starves(elapsed, live.rate))
        this.setStretch(Math.min(this.stretch * GROW, MAX_STRETCH));
      else if (wait > 2 * COMFORTABLE_WAIT_MS) this.setStretch(Math.max(this.stretch * SHRINK, 1));
      this.drain = wait > LONG_WAIT_MS ? drain : undefined;
    }
    if (!this.held) this.recent = [];
    this.since = now;
    this.settled = this.waited = this.samples = 0;
    this.held = false;
  }

  /** Whether the channel got less than the rate in the last seconds together, this one included. */
  private starves(elapsedMs: number, rate: number): boolean {
    this.recent = [...this.recent, { units: this.settled, ms: elapsedMs }].slice(-JUDGED_TOGETHER);
    const units = this.recent.reduce((sum, second) => sum + second.units, 0);
    const ms = this.recent.reduce((sum, second) => sum + second.ms, 0);
    return (units * 1_000) / ms < rate * STARVING_PART;
  }

  private setStretch(stretch: number): void {
    this.stretch = stretch;
    this.recent = [];
  }
}
