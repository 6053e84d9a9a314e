import { createHash } from 'node:crypto';

/** Numbers that follow from a seed and nothing else. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  pick<T>(among: readonly T[]): T;
  /** True so often. */
  chance(share: number): boolean;
  shuffle<T>(items: T[]): T[];
}

/** Mulberry32 over a hash of the words: one stream of numbers per purpose, so that adding a commune changes no other file. */
export function randomOf(...words: readonly (string | number)[]): Random {
  let state = createHash('sha256').update(words.join('\0')).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick(among) {
      const picked = among[Math.floor(next() * among.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    chance: (share) => next() < share,
    shuffle(items) {
      for (let last = items.length - 1; last > 0; last -= 1) {
        const other = Math.floor(next() * (last + 1));
        [items[last], items[other]] = [items[other] as (typeof items)[0], items[last] as (typeof items)[0]];
      }
      return items;
    },
  };
}
