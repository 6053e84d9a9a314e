import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';

export type PackedWork = readonly [left: number, planned: number, items: number];

/** What a campaign has to do on a channel, in cost units, as far as its slices are known: a count beside the cursor, which holds no contents. */
export class CampaignWork {
  /** Planned and not granted yet; below 0 while grants are known, after a takeover, whose slices are still to be read. */
  private left = 0;
  private planned = 0;
  private items = 0;

  plan(items: readonly SliceItem[]): void {
    for (const { cost } of items) {
      const units = Math.max(1, cost);
      this.left += units;
      this.planned += units;
    }
    this.items += items.length;
  }

  granted(cost: number): void {
    this.left -= Math.max(1, cost);
  }

  /** `expected`: units of the whole audience while it is still walked; `outstanding`: items granted and not answered. */
  remaining(expected: number, outstanding: number): number {
    const toCome = Math.max(0, expected - this.planned);
    return Math.round(Math.max(0, this.left + toCome) + outstanding * (this.items > 0 ? this.planned / this.items : 1));
  }

  get unitsPlanned(): number {
    return this.planned;
  }

  pack(): PackedWork {
    return [this.left, this.planned, this.items];
  }

  /** `items`: what a checkpoint of before says nothing more of. */
  restore(packed: PackedWork | undefined, items: { readonly left: number; readonly planned: number }): void {
    [this.left, this.planned, this.items] = packed ?? [items.left, items.planned, items.planned];
  }
}
