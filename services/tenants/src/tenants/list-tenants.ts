import type { Caller, ListTenantsRequest, ListTenantsResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { isPlatform } from '../core/access.js';
import { pageSize } from '../core/paging.js';
import type { ServiceParts } from '../service-parts.js';
import { TENANT_LIST } from '../stores/stores.js';
import { tenantAt } from './tenant-events.js';

/** In order of creation; a tenant's caller sees its own alone. */
export async function listTenants({ stores }: ServiceParts, caller: Caller, request: ListTenantsRequest): Promise<ListTenantsResponse> {
  const size = pageSize(request.pageSize);
  const page = isPlatform(caller)
    ? await stores.lists.page(TENANT_LIST, size, request.pageToken)
    : { ids: [caller.tenantId], nextPageToken: '' };
  const stored = await stores.tenants.getMany(page.ids);
  // An id is listed before its tenant is made; one that never was is left out.
  const tenants = stored.flatMap((tenant) => (tenant ? [tenantAt(tenant.state, tenant.version)] : []));
  return { tenants, nextPageToken: page.nextPageToken };
}
