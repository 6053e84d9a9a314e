/** Out-of-order grants remembered: the ledger repeats a due only for seconds after a crash, and channels know attempts for much longer. */
const REMEMBERED = 4_096;

/** Which attempt number was last granted out of order to a delivery, so that a repeated due record is dropped. Bounded; oldest first. */
export class RecentDues {
  private readonly granted = new Map<string, number>();

  has(campaignId: string, slice: number, index: number, n: number): boolean {
    return (this.granted.get(keyOf(campaignId, slice, index)) ?? 0) >= n;
  }

  add(campaignId: string, slice: number, index: number, n: number): void {
    const key = keyOf(campaignId, slice, index);
    const known = this.granted.get(key) ?? 0;
    this.granted.delete(key);
    this.granted.set(key, Math.max(known, n));
    while (this.granted.size > REMEMBERED) for (const oldest of this.granted.keys()) if (this.granted.delete(oldest)) break;
  }

  /** [campaign, [slice, index, n, ...]] in the order remembered. */
  pack(): [string, number[]][] {
    const packed: [string, number[]][] = [];
    for (const [key, n] of this.granted) {
      const [campaignId = '', slice, index] = key.split('.');
      const last = packed.at(-1);
      if (last?.[0] === campaignId) last[1].push(Number(slice), Number(index), n);
      else packed.push([campaignId, [Number(slice), Number(index), n]]);
    }
    return packed;
  }

  static unpack(packed: readonly (readonly [string, readonly number[]])[]): RecentDues {
    const dues = new RecentDues();
    for (const [campaignId, numbers] of packed) {
      for (let at = 0; at + 2 < numbers.length; at += 3) dues.add(campaignId, numbers[at] ?? 0, numbers[at + 1] ?? 0, numbers[at + 2] ?? 0);
    }
    return dues;
  }
}

function keyOf(campaignId: string, slice: number, index: number): string {
  return `${campaignId}.${slice}.${index}`;
}
