import { seededRandom } from '@tocsin/testing';
import { fluidCompletion } from '@tocsin/fairness';
import type { DemoTenant } from './demo-tenant.js';

/** The others are released between these parts of the city's expected run. */
const EARLIEST = 0.1;
const LATEST = 0.8;

export interface PlannedRelease {
  readonly tenant: DemoTenant;
  /** Milliseconds after the city's release. */
  readonly afterMs: number;
}

export interface ActualRelease {
  readonly insee: string;
  /** Unix ms of the release call. */
  readonly at: number;
  readonly deliveries: Readonly<Record<string, number>>;
}

/** Cost units a second of each channel. */
export type Rates = Readonly<Record<string, number>>;

/** How long everything takes when every channel works at its full rate from the start, ms: the city ends last. */
export function expectedDurationMs(tenants: readonly DemoTenant[], rates: Rates): number {
  const perChannel = Object.entries(rates).map(([channel, rate]) => {
    const total = tenants.reduce((sum, tenant) => sum + (tenant.deliveries[channel] ?? 0), 0);
    return (total / rate) * 1_000;
  });
  return Math.max(0, ...perChannel);
}

/** The city at once, each commune at a moment the seed decides, the towns together; in order of release. */
export function planReleases(tenants: readonly DemoTenant[], rates: Rates, seed: number): readonly PlannedRelease[] {
  const duration = expectedDurationMs(tenants, rates);
  const random = seededRandom(seed);
  const moment = (): number => Math.round(duration * (EARLIEST + random() * (LATEST - EARLIEST)));
  const towns = moment();
  return tenants
    .map((tenant) => ({ tenant, afterMs: tenant.kind === 'city' ? 0 : tenant.kind === 'town' ? towns : moment() }))
    .toSorted((a, b) => a.afterMs - b.afterMs);
}

/**
 * When each municipality would be complete (Unix ms) under fluid fair sharing with equal weights, channel by channel, given the releases as they
 * happened: its last channel decides.
 */
export function idealCompletion(releases: readonly ActualRelease[], rates: Rates): ReadonlyMap<string, number> {
  const latest = new Map<string, number>();
  for (const [channel, rate] of Object.entries(rates)) {
    const flows = releases.map(({ insee, at, deliveries }) => ({ id: insee, at, amount: deliveries[channel] ?? 0, weight: 1 }));
    for (const [insee, at] of fluidCompletion(flows, rate)) latest.set(insee, Math.max(latest.get(insee) ?? 0, at));
  }
  return latest;
}

/** A municipality is late when it took longer than ten seconds and than 1.2 times the ideal; seconds over that, below 0 when in time. */
export function excessSeconds(actualSeconds: number, idealSeconds: number): number {
  return actualSeconds - Math.max(10, 1.2 * idealSeconds);
}
