/** Something to write for a campaign. */
export interface Waiting {
  readonly campaignId: string;
  /** Monotonic ms since when it waits. */
  readonly since: number;
}

/** Oldest first within a campaign, and the campaigns in turn: a village's tally does not wait behind the 600 slices of a city. */
export function fairOrder<T extends Waiting>(waiting: readonly T[]): T[] {
  const turns = new Map<string, number>();
  return waiting
    .toSorted((a, b) => a.since - b.since)
    .map((item) => {
      const turn = turns.get(item.campaignId) ?? 0;
      turns.set(item.campaignId, turn + 1);
      return { item, turn };
    })
    .sort((a, b) => a.turn - b.turn || a.item.since - b.item.since)
    .map(({ item }) => item);
}
