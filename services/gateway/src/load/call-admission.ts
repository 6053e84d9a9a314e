import { TocsinError } from '@tocsin/errors';
import { Allowances, type Allowance } from '@tocsin/fairness';
import { RESERVE, type CallLimits } from './call-limits.js';
import { PlacesBySpeed } from './places-by-speed.js';
import { TenantShares } from './tenant-shares.js';

/** What the reserve of a tenant is asked for: an alert known to be life-safety, one nobody here has seen before, or nothing of it. */
export type Standing = 'life-safety' | 'unknown' | 'ordinary';

/** A call at the door. */
export interface ArrivingCall {
  /** Who calls, not about whom: '' = the platform's own people. */
  readonly tenantId: string;
  readonly keyId: string;
  /** Full name of the RPC. */
  readonly rpc: string;
  /** Units of the tenant's rate that it takes, 1 = a point read. */
  readonly cost: number;
  /** Calls of this RPC that a tenant may have running at once; 0 = no limit of its own. */
  readonly atOnce: number;
  readonly standing: Standing;
}

/** Gives a place back: `ended` in monotonic ms, and whether the call was answered. */
export type GiveBack = (ended: number, answered: boolean) => void;

export type ShedReason = 'KEY_BUSY' | 'TENANT_BUSY' | 'TENANT_TOO_FAST' | 'GATEWAY_BUSY';

/** Every reason for which a call is shed. */
export const SHED_REASONS: readonly ShedReason[] = ['KEY_BUSY', 'TENANT_BUSY', 'TENANT_TOO_FAST', 'GATEWAY_BUSY'];

interface Refusal {
  readonly reason: ShedReason;
  readonly retryAfterMs: number;
}

/** When a refused client may come back where calls run out by themselves, ms: calls take some milliseconds, so a place is free by then. */
const PLACE_RETRY_MS = 200;
/** The same where everybody wants more than there is, ms: coming back at once would only be refused again. */
const BUSY_RETRY_MS = 1_000;
/** A rate is never told to come back sooner, ms. */
const MIN_RETRY_MS = 50;

/** Steps of alerts beyond the limits. */
const RESERVE_RATE: Allowance = { capacity: RESERVE.burst, perSecond: RESERVE.perSecond };

/**
 * Sheds at the door, before anything is done for a call, and by tenant: one that asks for ten times its part is refused what is beyond, and nobody else notices. A step of a life-safety alert that
 * would be refused draws on its tenant's own reserve first. Holds for this process. Monotonic ms come in.
 */
export class CallAdmission {
  readonly #shares: TenantShares;
  readonly #places: PlacesBySpeed;
  readonly #used = new Allowances();
  readonly #rate: Allowance;
  readonly #reserves: Readonly<Record<Exclude<Standing, 'ordinary'>, Reserve>> = { 'life-safety': new Reserve(), unknown: new Reserve() };
  /** Running calls by key, and by tenant and RPC where that has a limit. */
  readonly #byKey = new Map<string, number>();
  readonly #byRpc = new Map<string, number>();

  constructor(
    private readonly limits: CallLimits,
    private readonly seen: { shed(reason: ShedReason): void; reserved(): void } = { shed: () => undefined, reserved: () => undefined },
  ) {
    this.#places = new PlacesBySpeed(Math.min(limits.least, limits.all), limits.all);
    this.#shares = new TenantShares(limits.perTenant, () => this.#places.places);
    this.#rate = { capacity: limits.burst, perSecond: limits.perSecond };
  }

  /** Takes a place; the answer gives it back, once. Throws RESOURCE_EXHAUSTED with when to retry. */
  take(call: ArrivingCall, now: number): GiveBack {
    const refusal = this.#refusal(call, now);
    if (refusal === undefined) return this.#run(call, now);
    if (call.standing !== 'ordinary') {
      const release = this.#reserves[call.standing].take(call.tenantId, now);
      if (release) {
        this.seen.reserved();
        return release;
      }
    }
    throw this.#shed(refusal);
  }

  /** Throws what `take` would, and takes nothing; a call that may go on a reserve passes. */
  refuse(call: ArrivingCall, now: number): void {
    if (call.standing !== 'ordinary') return;
    const refusal = this.#refusal(call, now);
    if (refusal) throw this.#shed(refusal);
  }

  #shed({ reason, retryAfterMs }: Refusal): TocsinError {
    this.seen.shed(reason);
    return new TocsinError('RESOURCE_EXHAUSTED', reason, sentence(reason, this.limits), { retryAfterMs });
  }

  /** Calls running within the limits; those on a reserve stand beside them. */
  running(): number {
    return this.#shares.running();
  }

  #refusal({ tenantId, keyId, rpc, atOnce }: ArrivingCall, now: number): Refusal | undefined {
    if ((this.#byKey.get(keyId) ?? 0) >= this.limits.perKey) return { reason: 'KEY_BUSY', retryAfterMs: PLACE_RETRY_MS };
    if (atOnce > 0 && (this.#byRpc.get(`${tenantId} ${rpc}`) ?? 0) >= atOnce) {
      return { reason: 'TENANT_BUSY', retryAfterMs: BUSY_RETRY_MS };
    }
    const noPlace = this.#shares.refusal(tenantId);
    if (noPlace) return { reason: noPlace, retryAfterMs: noPlace === 'TENANT_BUSY' ? PLACE_RETRY_MS : BUSY_RETRY_MS };
    if (this.#used.within(tenantId, this.#rate, now)) return undefined;
    return { reason: 'TENANT_TOO_FAST', retryAfterMs: Math.max(MIN_RETRY_MS, Math.ceil(this.#used.waitMs(tenantId, this.#rate, now))) };
  }

  /** Calls that may run at this moment. */
  places(): number {
    return this.#places.places;
  }

  #run({ tenantId, keyId, rpc, atOnce, cost }: ArrivingCall, now: number): GiveBack {
    this.#used.charge(tenantId, this.#rate, cost, now);
    this.#shares.take(tenantId);
    const free = [count(this.#byKey, keyId), ...(atOnce > 0 ? [count(this.#byRpc, `${tenantId} ${rpc}`)] : [])];
    return once((ended, answered) => {
      // What costs more than a read may take long.
      if (cost === 1) this.#places.ended(ended - now, ended, answered);
      this.#shares.giveBack(tenantId);
      for (const give of free) give();
    });
  }
}

/** What a tenant may do beyond its limits for an alert: it is bounded for each tenant and not for all together, so that no tenant can use up another's. */
class Reserve {
  readonly #running = new Map<string, number>();
  readonly #used = new Allowances();

  /** Undefined: the tenant has used it up. */
  take(tenantId: string, now: number): GiveBack | undefined {
    if ((this.#running.get(tenantId) ?? 0) >= RESERVE.atOnce || !this.#used.within(tenantId, RESERVE_RATE, now)) return undefined;
    this.#used.charge(tenantId, RESERVE_RATE, 1, now);
    return once(count(this.#running, tenantId));
  }
}

/** Counts one more; the answer counts it off. */
function count(running: Map<string, number>, name: string): () => void {
  running.set(name, (running.get(name) ?? 0) + 1);
  return () => {
    const left = (running.get(name) ?? 1) - 1;
    if (left === 0) running.delete(name);
    else running.set(name, left);
  };
}

function once(work: GiveBack): GiveBack {
  let done = false;
  return (ended, answered) => {
    if (done) return;
    done = true;
    work(ended, answered);
  };
}

function sentence(reason: ShedReason, { perKey, perSecond }: CallLimits): string {
  switch (reason) {
    case 'KEY_BUSY':
      return `This key already has ${perKey} such calls running.`;
    case 'TENANT_BUSY':
      return 'This tenant already has as many such calls running as it may.';
    case 'TENANT_TOO_FAST':
      return `This tenant calls faster than the ${perSecond} calls a second it may.`;
    case 'GATEWAY_BUSY':
      return 'There is more to do than the platform can take; this tenant already has its part of it.';
  }
}
