/** What computes or reads for whom, the most urgent first: pages for a released campaign, people who wait for an answer, files. */
export const LANES = { dispatch: 0, person: 1, file: 2 } as const;

export type Lane = (typeof LANES)[keyof typeof LANES];

/** Part of all turns that people and files get while campaigns are planned: nobody waits for ever. */
export const FLOORS: Readonly<Record<keyof typeof LANES, number>> = { dispatch: 0, person: 0.25, file: 0.25 };

/** The tenant that a scope or a document's id begins with ("<tenant>:<kind>..."). */
export function tenantOf(id: string): string {
  const end = id.indexOf(':');
  return end < 0 ? id : id.slice(0, end);
}
