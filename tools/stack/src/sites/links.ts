/** Two sites that run everything, a witness with the third copy and the store, and where the providers are. */
export const PLACE_NAMES = ['A', 'B', 'W', 'provider'] as const;
export type PlaceName = (typeof PLACE_NAMES)[number];

/** A site runs a broker and every service. */
export const SITE_NAMES = ['A', 'B'] as const;
export type SiteName = (typeof SITE_NAMES)[number];

/** Brokers, one a rack. */
export const RACKS = ['A', 'B', 'W'] as const;

/** Every link that can be cut alone. A site's link to the database is the store's port at the witness. */
export const LINK_NAMES = ['A-B', 'A-W', 'B-W', 'A-database', 'B-database', 'A-provider', 'B-provider'] as const;
export type LinkName = (typeof LINK_NAMES)[number];

export interface LinkEnds {
  readonly from: PlaceName;
  readonly to: PlaceName;
  /** Only what goes to the store of `to`; everything otherwise. */
  readonly storeOnly: boolean;
}

export const LINK_ENDS: Readonly<Record<LinkName, LinkEnds>> = {
  'A-B': { from: 'A', to: 'B', storeOnly: false },
  'A-W': { from: 'A', to: 'W', storeOnly: false },
  'B-W': { from: 'B', to: 'W', storeOnly: false },
  'A-database': { from: 'A', to: 'W', storeOnly: true },
  'B-database': { from: 'B', to: 'W', storeOnly: true },
  'A-provider': { from: 'A', to: 'provider', storeOnly: false },
  'B-provider': { from: 'B', to: 'provider', storeOnly: false },
};

/** Whether a name is that of a link, e.g. one read from a command line. */
export function isLinkName(text: string): text is LinkName {
  return (LINK_NAMES as readonly string[]).includes(text);
}
