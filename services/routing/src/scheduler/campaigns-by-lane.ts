import { LANES } from '@tocsin/contracts';
import type { CampaignQueue } from './campaign-queue.js';

/** Campaigns that want something, by lane, the longest waiting first within one: an alert's reads come before those of all news. */
export class CampaignsByLane {
  private readonly lanes = LANES.map(() => new Set<CampaignQueue>());
  private readonly laneOf = new Map<CampaignQueue, number>();

  /** Says whether the campaign is in, in the lane it has now; who stays in its lane keeps its place. */
  keep(queue: CampaignQueue, wanted: boolean): void {
    if (!wanted && this.laneOf.size === 0) return;
    // Whose lane is not known yet may be an alert.
    const lane = queue.lane ?? 0;
    const before = this.laneOf.get(queue);
    if (wanted && before === lane) return;
    if (before !== undefined) {
      this.lanes[before]?.delete(queue);
      this.laneOf.delete(queue);
    }
    if (!wanted) return;
    this.lanes[lane]?.add(queue);
    this.laneOf.set(queue, lane);
  }

  inLane(lane: number): Iterable<CampaignQueue> {
    return this.lanes[lane] ?? [];
  }

  /** The most severe lane first. */
  all(): CampaignQueue[] {
    return this.lanes.flatMap((lane) => [...lane]);
  }
}
