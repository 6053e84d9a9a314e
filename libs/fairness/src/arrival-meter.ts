import type { LaneArrivals } from './completion-band.js';

/** What came longer ago than this counts little, ms: an alarmed afternoon is not last night. */
const MEMORY_MS = 15 * 60 * 1_000;
/** One arrival right after the start does not make a rate: seen for at least this long, ms. */
const LEAST_SEEN_MS = 5 * 60 * 1_000;

interface Seen {
  count: number;
  units: number;
  /** Unix ms of the last decay. */
  at: number;
}

/** How often campaigns come into each lane and how large they are, the latest weighing most. Pure: time comes in as Unix ms. */
export class ArrivalMeter {
  private readonly lanes: Seen[];

  constructor(
    laneCount: number,
    private readonly since: number,
  ) {
    this.lanes = Array.from({ length: laneCount }, () => ({ count: 0, units: 0, at: since }));
  }

  arrived(lane: number, units: number, now: number): void {
    const seen = this.lanes[lane];
    if (!seen) return;
    fade(seen, now);
    seen.count++;
    seen.units += units;
  }

  /** So many units of a campaign that came will not be wanted after all. */
  gaveUp(lane: number, units: number, now: number): void {
    const seen = this.lanes[lane];
    if (!seen) return;
    fade(seen, now);
    seen.units = Math.max(0, seen.units - units);
  }

  /** Lanes into which something came. */
  lately(now: number): LaneArrivals[] {
    const seenFor = Math.max(now - this.since, LEAST_SEEN_MS);
    // An endless memory of a steady rate would hold rate x MEMORY of it; a short one holds this part.
    const held = (MEMORY_MS / 1_000) * (1 - Math.exp(-seenFor / MEMORY_MS));
    return this.lanes.flatMap((seen, lane) => {
      fade(seen, now);
      return seen.count < 0.01 ? [] : [{ lane, perSecond: seen.count / held, units: seen.units / seen.count }];
    });
  }
}

function fade(seen: Seen, now: number): void {
  const kept = Math.exp(-Math.max(0, now - seen.at) / MEMORY_MS);
  seen.count *= kept;
  seen.units *= kept;
  seen.at = Math.max(seen.at, now);
}
