import type { Caller, GetTenantRequest, GetTenantResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { notFound } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';
import { tenantAt } from './tenant-events.js';

export async function getTenant({ stores }: ServiceParts, caller: Caller, request: GetTenantRequest): Promise<GetTenantResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const stored = tenantId === '' ? null : await stores.tenants.get(tenantId);
  if (!stored) throw notFound('Tenant');
  return { tenant: tenantAt(stored.state, stored.version) };
}
