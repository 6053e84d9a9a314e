/** Databases of services, without prefix, in the order they are read: what flows before what people decide. */
export const FLOWING = ['deliveries', 'routing', 'subscribers'] as const;
export const DECIDED = ['campaigns', 'tenants'] as const;
export type Database = (typeof FLOWING)[number] | (typeof DECIDED)[number];

/**
 * A backup is taken while everything runs, so that documents are read at different moments. What points is read before what it points to, and an
 * index after what it lists: a plan before its slices, an import before its pages, the head of an audit before its entries, markers and lists last.
 */
const FIRST: Readonly<Record<Database, readonly string[]>> = {
  deliveries: [],
  routing: ['plans'],
  subscribers: ['imports', 'pages'],
  campaigns: [],
  tenants: ['audit_heads'],
};
const LAST = /(^lists|_markers|^registers|_heads)$/;
/** What is put in before, and taken out after, the thing itself changes: read before and after, and kept when it was there at either. */
const TWICE = /^(schedule|plans_open|open_parts|erasures|unsubscribes)$/;
/** Checkpoints are read with the offsets they go with. */
const APART: Readonly<Partial<Record<Database, readonly string[]>>> = { routing: ['checkpoints'] };

export interface ReadingOrder {
  /** Small; read whole before and after the others. */
  readonly twice: readonly string[];
  readonly once: readonly string[];
}

/** The order for the collections a database has, those of later releases among them. */
export function readingOrder(database: Database, collections: readonly string[]): ReadingOrder {
  const rank = (name: string): number => {
    const first = FIRST[database].indexOf(name);
    if (first >= 0) return first - FIRST[database].length;
    return LAST.test(name) ? 1 : 0;
  };
  const here = collections.filter((name) => !(APART[database] ?? []).includes(name));
  return {
    twice: here.filter((name) => TWICE.test(name)),
    once: here.filter((name) => !TWICE.test(name)).toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)),
  };
}
