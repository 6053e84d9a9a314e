import { FlowHeap, type HeapMember } from '@tocsin/fairness';
import type { CampaignQueue } from './campaign-queue.js';

/** Gates that open within the same so many ms are looked at together: many slow campaigns must not become a turn each, ms. */
const GRID_MS = 20;

class Gate implements HeapMember {
  slot = -1;

  constructor(
    readonly queue: CampaignQueue,
    /** Unix ms. */
    public key: number,
    public arrival: number,
  ) {}
}

/** Campaigns that time alone will let go on, or back into their own lane: a pace, a quota, a budget. O(log campaigns) a change. */
export class Gates {
  private readonly gates = new Map<CampaignQueue, Gate>();
  private readonly heap = new FlowHeap<Gate>();
  private arrivals = 0;

  /** `at`: Unix ms to look at the campaign again; Infinity = no need to. */
  set(queue: CampaignQueue, at: number): void {
    const known = this.gates.get(queue);
    if (at === Infinity) {
      if (known) this.remove(queue);
      return;
    }
    const key = Math.ceil(at / GRID_MS) * GRID_MS;
    if (known?.key === key) return;
    const gate = known ?? new Gate(queue, key, 0);
    gate.key = key;
    gate.arrival = ++this.arrivals;
    this.gates.set(queue, gate);
    this.heap.settle(gate);
  }

  remove(queue: CampaignQueue): void {
    const gate = this.gates.get(queue);
    if (!gate) return;
    this.heap.remove(gate);
    this.gates.delete(queue);
  }

  /** Whether the campaign waits for a moment of its own. */
  has(queue: CampaignQueue): boolean {
    return this.gates.has(queue);
  }

  /** Takes out a campaign whose moment has come. */
  opened(now: number): CampaignQueue | undefined {
    const first = this.heap.first();
    if (!first || first.key > now) return undefined;
    this.remove(first.queue);
    return first.queue;
  }

  /** Unix ms of the next one; undefined = none. */
  nextMoment(): number | undefined {
    return this.heap.first()?.key;
  }

  get size(): number {
    return this.gates.size;
  }
}
