import { addTallies } from '@tocsin/contracts';
import type { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import type { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';

/** The latest part of each ledger partition. */
export type Parts = ReadonlyMap<number, TallyPart>;

/** Takes parts of a higher sequence than the known ones; null: nothing new. A part tells absolute counts, so older ones are simply dropped. */
export function mergeParts(known: Parts, news: readonly TallyPart[]): Parts | null {
  const merged = new Map(known);
  let changed = false;
  for (const part of news) {
    const before = merged.get(part.partition);
    if (before && before.sequence >= part.sequence) continue;
    merged.set(part.partition, part);
    changed = true;
  }
  return changed ? merged : null;
}

export function tallyOfParts(parts: Parts): Tally {
  return addTallies([...parts.values()].flatMap((part) => part.tally ?? []));
}

/** Every recipient of a closed plan is terminal. */
export function isComplete(parts: Parts): boolean {
  const closed = [...parts.values()].find((part) => part.closed);
  if (!closed) return false;
  const { recipients, terminal } = tallyOfParts(parts);
  return recipients === closed.closedRecipients && terminal === closed.closedRecipients;
}
