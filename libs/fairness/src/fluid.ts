import { FlowHeap, type HeapMember } from './flow-heap.js';

/** Work that starts at a moment and shares a rate with whatever runs beside it. */
export interface FluidRelease {
  readonly id: string;
  /** Unix ms. */
  readonly at: number;
  /** Cost units. */
  readonly amount: number;
  readonly weight: number;
}

interface Running extends HeapMember {
  readonly id: string;
  readonly weight: number;
}

/**
 * When each release would be complete (Unix ms) if `rate` (cost units a second) were divided continuously by weight among the unfinished:
 * the ideal that a real scheduler is compared with. O(n log n); a release of nothing is complete when it starts.
 */
export function fluidCompletion(releases: readonly FluidRelease[], rate: number): Map<string, number> {
  if (!(rate > 0)) throw new RangeError(`rate must be above 0: ${rate}`);
  const waiting = [...releases].sort((a, b) => a.at - b.at);
  const running = new FlowHeap<Running>();
  const done = new Map<string, number>();
  const perMs = rate / 1000;
  let now = waiting[0]?.at ?? 0;
  // Virtual work: units a weight of 1 has been given so far; a release is complete when it reaches its key.
  let level = 0;
  let weights = 0;
  let next = 0;
  for (;;) {
    const first = running.first();
    const arrival = waiting[next];
    const completesAt = first ? now + ((first.key - level) * weights) / perMs : Infinity;
    if (arrival && arrival.at <= completesAt) {
      if (first) level += ((arrival.at - now) * perMs) / weights;
      now = arrival.at;
      next++;
      if (arrival.amount <= 0) {
        done.set(arrival.id, now);
        continue;
      }
      weights += arrival.weight;
      running.settle({ id: arrival.id, weight: arrival.weight, key: level + arrival.amount / arrival.weight, arrival: next, slot: -1 });
    } else if (first) {
      now = completesAt;
      level = first.key;
      running.remove(first);
      weights = running.size === 0 ? 0 : weights - first.weight;
      done.set(first.id, now);
    } else {
      return done;
    }
  }
}
