import type { Allowance } from '@tocsin/fairness';
import type { TenantTerms } from '@tocsin/contracts/routing/v1/plans';

/** The budget's units flow back over this long, seconds. */
const DAY_S = 24 * 60 * 60;
/** Life-safety units for each recipient of a tenant's largest alert, where nothing else is set: one alert to everybody in three segments, or three in one. */
const UNITS_A_RECIPIENT = 3;
/** Life-safety units of the smallest tenant: its register may be one street. */
const MIN_LIFE_SAFETY_UNITS = 1_000;

/** A tenant's terms on this channel, as of the newest version heard of, with what is known of its size. */
export interface TenantEntry {
  version: number;
  weight: number;
  lifeSafetyUnits: number;
  unitsPerDay: number;
  unitsPerMinute: number;
  /** Recipients of its largest life-safety campaign. */
  largestAlert: number;
  readonly campaigns: Set<string>;
}

export type Terms = TenantTerms & { readonly weight: number };

export function newEntry(terms: Terms): TenantEntry {
  return { ...terms, largestAlert: 0, campaigns: new Set() };
}

export function urgencyRule({ lifeSafetyUnits, largestAlert }: TenantEntry): Allowance {
  const capacity = lifeSafetyUnits > 0 ? lifeSafetyUnits : Math.max(MIN_LIFE_SAFETY_UNITS, UNITS_A_RECIPIENT * largestAlert);
  return { capacity, perSecond: capacity / DAY_S };
}
