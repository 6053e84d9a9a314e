/** One municipality of the demonstration, as the generator's manifest describes it. */
export interface DemoTenant {
  /** Seed and INSEE code: another seed is another world, with tenants of its own. */
  readonly key: string;
  readonly insee: string;
  readonly name: string;
  readonly kind: 'city' | 'town' | 'commune';
  /** Absolute path of its CSV. */
  readonly file: string;
  /** Contacts that must be reached. */
  readonly recipients: number;
  /** How many of them on each channel. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** Numbers that write STOP before the release, E.164. */
  readonly stops: readonly string[];
}
