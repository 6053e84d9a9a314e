import type { ApiKey, AuditEntry, Principal, Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import type { Guarded } from '@tocsin/mongo';

/** State of a tenant; its version is the aggregate's. */
export interface TenantState {
  readonly tenant: Omit<Tenant, 'version'>;
  /** Of the request that made it: a repeated create answers the same. */
  readonly bodyHash: string;
}

export interface PrincipalDocument extends Guarded {
  readonly principal: Principal;
  readonly bodyHash: string;
}

export interface KeyDocument extends Guarded {
  readonly key: ApiKey;
  /** SHA-256 of the secret, which is kept nowhere. */
  readonly secretHash: Buffer;
  readonly bodyHash: string;
}

/** One line of a tenant's audit, `_id` = "<tenant>:<seq>"; `hash` covers the entry and the hash before it. */
export interface AuditDocument extends Guarded {
  readonly entry: AuditEntry;
  readonly hash: Buffer;
  /** Keyed, over scope, number and hash; not set by the releases before it. */
  readonly mac?: Buffer;
}

/** How far a scope's audit had come, `_id` = scope; as AuditHead on its topic. */
export interface AuditHeadDocument extends Guarded {
  readonly seq: number;
  readonly hash: Buffer;
  readonly at: number;
  readonly mac: Buffer;
}

/** Where an entry stands or is about to stand, `_id` = "<tenant>:<entry id>". */
export interface AuditPlace extends Guarded {
  readonly seq: number;
}
