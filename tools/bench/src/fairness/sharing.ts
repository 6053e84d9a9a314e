/** One cost unit the provider took, for one of the tenants that share it. */
export interface SharedUnit {
  /** ms, of the provider's clock. */
  readonly at: number;
  readonly of: string;
}

const SECOND_MS = 1_000;

/** Units in [from, to) by whose they were. */
export function unitsBetween(units: readonly SharedUnit[], from: number, to: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { at, of } of units) if (at >= from && at < to) counts.set(of, (counts.get(of) ?? 0) + 1);
  return counts;
}

/** Greatest difference between what two got within any whole second of [from, to), units. */
export function mostApartInASecond(units: readonly SharedUnit[], pair: readonly [string, string], from: number, to: number): number {
  const inside = units.filter(({ at, of }) => at >= from && at < to && pair.includes(of)).toSorted((a, b) => a.at - b.at);
  let [lead, most, first] = [0, 0, 0];
  for (const [place, { at, of }] of inside.entries()) {
    lead += of === pair[0] ? 1 : -1;
    for (let oldest = inside[first]; oldest && oldest.at <= at - SECOND_MS; oldest = inside[++first])
      lead -= oldest.of === pair[0] ? 1 : -1;
    // Stamps are whole ms: a second is judged when all of its last one is in, and not before the first is over.
    if (at >= from + SECOND_MS && inside[place + 1]?.at !== at) most = Math.max(most, Math.abs(lead));
  }
  return most;
}

/** What each got in [from, to) as a part of what its weight says, 1 = exactly; of those who got nothing 0. */
export function partsOfWeight(
  units: readonly SharedUnit[],
  weights: ReadonlyMap<string, number>,
  from: number,
  to: number,
): ReadonlyMap<string, number> {
  const counts = unitsBetween(units, from, to);
  const got = [...weights.keys()].reduce((sum, of) => sum + (counts.get(of) ?? 0), 0);
  const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return new Map([...weights].map(([of, weight]) => [of, (counts.get(of) ?? 0) / ((got * weight) / all)]));
}

/** Furthest any of them was from its weight's part in any window of this length, moved on second by second; 0.03 = 3 %. */
export function worstOfWeights(
  units: readonly SharedUnit[],
  weights: ReadonlyMap<string, number>,
  from: number,
  to: number,
  windowMs: number,
): number {
  let worst = 0;
  for (let start = from; start + windowMs <= to; start += SECOND_MS) {
    for (const part of partsOfWeight(units, weights, start, start + windowMs).values()) worst = Math.max(worst, Math.abs(part - 1));
  }
  return worst;
}

/** Part of the provider's rate that was used in [from, to). */
export function useBetween(units: readonly SharedUnit[], rate: number, from: number, to: number): number {
  const taken = [...unitsBetween(units, from, to).values()].reduce((sum, count) => sum + count, 0);
  return taken / ((rate * (to - from)) / SECOND_MS);
}
