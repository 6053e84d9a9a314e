import { type OutgoingRecord, record, TOPICS } from '@tocsin/contracts';
import type { Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import type { TenantState } from '../stores/records.js';

export function tenantAt(state: TenantState, version: number): Tenant {
  return { ...state.tenant, version };
}

export function tenantChanged(state: TenantState, version: number, occurredAt: number): OutgoingRecord {
  const { tenantId } = state.tenant;
  const value = { tenant: tenantAt(state, version) };
  return record(TOPICS.tenantEvents.name, tenantId, 'tocsin.tenants.v1.TenantChanged', value, { tenantId, occurredAt, epoch: version });
}
