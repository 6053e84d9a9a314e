import type { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';

/** Every purpose. */
export const ALL_PURPOSES = '*';
/** In place of a tenant: every tenant. */
export const ALL_TENANTS = '*';
/** Purposes one address may have refused on a channel; beyond it every purpose is. */
const MAX_PURPOSES = 50;

/** What a person asked for. */
export interface Wish {
  /** Tenant, or ALL_TENANTS. */
  readonly tenantId: string;
  readonly channel: string;
  readonly addressHash: Buffer;
  /** Purposes to stop; empty = START, which lifts all. */
  readonly stop: readonly string[];
  /** "sms-stop", "sms-start", "mail-unsubscribe". */
  readonly source: string;
  /** Unix ms. */
  readonly at: number;
}

/**
 * The decision that stands after a wish, whatever order wishes arrive in and however often: a STOP adds to those said since the last START, a START lifts those said
 * before it. Pure.
 */
export function decide(standing: Suppression | undefined, wish: Wish): Suppression {
  const { tenantId, channel, addressHash, source, at } = wish;
  const liftedAt = standing?.liftedAt ?? 0;
  const decidedAt = standing?.decidedAt ?? 0;
  const outdated = wish.stop.length === 0 ? at < decidedAt : at < liftedAt;
  if (standing && outdated) return standing;
  if (wish.stop.length === 0) return { tenantId, channel, addressHash, purposes: [], source, decidedAt: at, liftedAt: at };
  const newest = !standing || at >= decidedAt;
  return {
    tenantId,
    channel,
    addressHash,
    purposes: union(standing?.purposes ?? [], wish.stop),
    source: newest ? source : standing.source,
    decidedAt: Math.max(at, decidedAt),
    liftedAt,
  };
}

function union(standing: readonly string[], more: readonly string[]): string[] {
  const all = new Set([...standing, ...more]);
  return all.has(ALL_PURPOSES) || all.size > MAX_PURPOSES ? [ALL_PURPOSES] : [...all].sort();
}
