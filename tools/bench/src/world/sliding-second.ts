const SECOND_MS = 1_000;

/** Most stamps (sorted, Unix ms) in any second that begins in [from, to), not only those that begin with the clock's. */
export function fullestSecond(sorted: readonly number[], from = -Infinity, to = Infinity): number {
  let most = 0;
  let end = 0;
  for (const [place, begins] of sorted.entries()) {
    if (begins < from) continue;
    if (begins >= to) break;
    end = Math.max(end, place);
    while ((sorted[end] ?? Infinity) < begins + SECOND_MS) end += 1;
    most = Math.max(most, end - place);
  }
  return most;
}

/** End of the first second with so many stamps that begins at `from` or later, Unix ms; undefined = none. */
export function firstFullSecond(sorted: readonly number[], from: number, wanted: number): number | undefined {
  for (let first = sorted.findIndex((at) => at >= from); first >= 0 && first + wanted - 1 < sorted.length; first += 1) {
    const last = sorted[first + wanted - 1] ?? Infinity;
    if (last < (sorted[first] ?? -Infinity) + SECOND_MS) return last;
  }
  return undefined;
}

/** The longest time without a stamp (sorted, Unix ms) within [from, to], ms. */
export function longestGap(sorted: readonly number[], from: number, to: number): number {
  let longest = 0;
  let before = from;
  for (const at of sorted) {
    if (at < from) continue;
    longest = Math.max(longest, Math.min(at, to) - before);
    if (at >= to) return longest;
    before = at;
  }
  return Math.max(longest, to - before);
}
