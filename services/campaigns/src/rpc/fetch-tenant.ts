import type { Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import { notFound } from '@tocsin/errors';
import { onBehalfOf, serviceCaller } from '@tocsin/grpc';
import type { ServiceParts } from './service-parts.js';

/** ms to read a tenant: a point read one hop away, and the release waits for it. */
const TENANT_DEADLINE = 3_000;

/** The tenant as it is now: its threshold, weight and senders. */
export async function fetchTenant(parts: ServiceParts, tenantId: string): Promise<Tenant> {
  const { tenant } = await parts.tenants.getTenant({ tenantId }, onBehalfOf(serviceCaller('campaigns'), TENANT_DEADLINE));
  if (!tenant) throw notFound('Tenant');
  return tenant;
}

/** False where the tenant cannot be read now. */
export async function isSuspended(tenants: ServiceParts['tenants'], tenantId: string): Promise<boolean> {
  try {
    const { tenant } = await tenants.getTenant({ tenantId }, onBehalfOf(serviceCaller('campaigns'), TENANT_DEADLINE));
    return tenant?.suspended === true;
  } catch {
    return false;
  }
}
