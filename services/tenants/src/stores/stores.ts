import type { OutgoingRecord } from '@tocsin/contracts';
import { type AggregateStore, type Documents, type IdLists, type MongoConnection, openAggregateStore, openIdLists } from '@tocsin/mongo';
import type { Logger } from '@tocsin/observability';
import type { ControlsState } from '../operations/decide-control.js';
import type { AuditDocument, AuditHeadDocument, AuditPlace, KeyDocument, PrincipalDocument, TenantState } from './records.js';

/** Everything the service keeps. */
export interface Stores {
  readonly tenants: AggregateStore<TenantState>;
  readonly controls: AggregateStore<ControlsState>;
  readonly principals: Documents<PrincipalDocument>;
  readonly keys: Documents<KeyDocument>;
  /** "tenants", "audit:scopes", "<tenant>:principals", "<tenant>:keys". */
  readonly lists: IdLists;
  readonly audit: Documents<AuditDocument>;
  readonly auditPlaces: Documents<AuditPlace>;
  readonly auditHeads: Documents<AuditHeadDocument>;
}

export interface StoresDeps {
  publish(records: readonly OutgoingRecord[]): Promise<void>;
  readonly logger: Logger;
  now(): number;
  /** Of the span that decides. */
  traceparent(): string;
}

export async function openStores(connection: MongoConnection, deps: StoresDeps): Promise<Stores> {
  return {
    tenants: await openAggregateStore<TenantState>(connection, { collection: 'tenants', ...deps }),
    controls: await openAggregateStore<ControlsState>(connection, { collection: 'controls', ...deps }),
    principals: await connection.documents('principals'),
    keys: await connection.documents('keys'),
    lists: await openIdLists(connection, 'lists'),
    audit: await connection.documents('audit'),
    auditPlaces: await connection.documents('audit_places'),
    auditHeads: await connection.documents('audit_heads'),
  };
}

export const TENANT_LIST = 'tenants';
/** Scopes that have an audit: also those of ids that never were a tenant, which an administrator asked for. */
export const AUDIT_LIST = 'audit:scopes';

/** The platform's own principals and keys have a list too. */
export function listOf(tenantId: string, what: 'principals' | 'keys'): string {
  return `${tenantId || 'platform'}:${what}`;
}
