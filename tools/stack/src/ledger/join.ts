import type { ExpectedTenant } from '../job/read-manifest.js';
import { achievedRate, type AchievedRate } from './rates.js';
import type { Acceptance } from './read-ledger.js';

export interface TenantArrival {
  /** Unix ms of the first and last acceptance for this municipality; 0 = none. */
  readonly first: number;
  readonly last: number;
  readonly accepted: number;
}

export interface JoinedLedgers {
  /** Addresses that must be reached, and no provider took anything for them. */
  readonly lost: number;
  /** Acceptances beyond the first of the same delivery. */
  readonly duplicates: number;
  /** Addresses a provider took something for though the manifest does not name them: a STOP, a bad row, a stranger. */
  readonly unexpected: number;
  readonly accepted: Readonly<Record<string, number>>;
  readonly rates: Readonly<Record<string, AchievedRate>>;
  readonly tenants: Readonly<Record<string, TenantArrival>>;
  /** Deliveries taken more than once; at most 10,000. */
  readonly duplicateIds: readonly string[];
}

const MAX_DUPLICATE_IDS = 10_000;

/** Channel by channel: every address of the manifest against every acceptance. */
export function joinLedgers(tenants: readonly ExpectedTenant[], ledgers: ReadonlyMap<string, readonly Acceptance[]>): JoinedLedgers {
  const arrivals = new Map(tenants.map(({ insee }) => [insee, { first: 0, last: 0, accepted: 0 }]));
  const duplicateIds: string[] = [];
  let lost = 0;
  let duplicates = 0;
  let unexpected = 0;
  for (const [channel, acceptances] of ledgers) {
    const owner = new Map(
      tenants.flatMap(({ insee, reach }) => (reach[channel] ?? []).map((address): [string, string] => [address, insee])),
    );
    const reached = new Set<string>();
    const seen = new Set<string>();
    for (const { deliveryId, part, to, at } of acceptances) {
      const taken = `${deliveryId}/${part ?? 1}`;
      if (seen.has(taken)) {
        duplicates += 1;
        if (duplicateIds.length < MAX_DUPLICATE_IDS) duplicateIds.push(deliveryId);
      }
      seen.add(taken);
      const arrival = arrivals.get(owner.get(to) ?? '');
      if (arrival === undefined) {
        unexpected += 1;
        continue;
      }
      reached.add(to);
      arrival.accepted += 1;
      arrival.first = arrival.first === 0 ? at : Math.min(arrival.first, at);
      arrival.last = Math.max(arrival.last, at);
    }
    lost += owner.size - reached.size;
  }
  return {
    lost,
    duplicates,
    unexpected,
    accepted: eachChannel(ledgers, (acceptances) => acceptances.length),
    rates: eachChannel(ledgers, (acceptances) => achievedRate(acceptances.map(({ at }) => at))),
    tenants: Object.fromEntries(arrivals),
    duplicateIds,
  };
}

function eachChannel<T>(
  ledgers: ReadonlyMap<string, readonly Acceptance[]>,
  figure: (acceptances: readonly Acceptance[]) => T,
): Record<string, T> {
  return Object.fromEntries([...ledgers].map(([channel, acceptances]) => [channel, figure(acceptances)]));
}
