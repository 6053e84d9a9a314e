/** Slots at the start; doubled when half full. */
const FIRST_SLOTS = 1_024;

/**
 * The addresses a file has named so far, by 64 bits of their keyed hash: 16 to 32 bytes an address and nothing for the garbage collector, where a Set of
 * texts would take 100. Two addresses share 64 bits once in 10^7 files of 2,000,000 rows, and then a row is only called merged that is not.
 */
export class SeenHashes {
  private slots = new BigUint64Array(FIRST_SLOTS);
  private readonly scratch = Buffer.alloc(8);
  private count = 0;

  /** Adds a hash (Latin-1 text); true when it was there. */
  add(key: string): boolean {
    this.scratch.write(key, 0, 8, 'latin1');
    // 0 marks a free slot.
    const value = this.scratch.readBigUInt64BE(0) || 1n;
    if (this.count * 2 >= this.slots.length) this.grow();
    const seen = this.put(value);
    if (!seen) this.count += 1;
    return seen;
  }

  private put(value: bigint): boolean {
    const mask = this.slots.length - 1;
    let at = Number(value & BigInt(mask));
    for (;;) {
      const standing = this.slots[at];
      if (standing === value) return true;
      if (standing === 0n) {
        this.slots[at] = value;
        return false;
      }
      at = (at + 1) & mask;
    }
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new BigUint64Array(old.length * 2);
    for (const value of old) if (value !== 0n) this.put(value);
  }
}
