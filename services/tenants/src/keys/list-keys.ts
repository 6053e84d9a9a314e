import type { Caller, ListKeysRequest, ListKeysResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { pageSize } from '../core/paging.js';
import type { ServiceParts } from '../service-parts.js';
import { listOf } from '../stores/stores.js';

/** In order of issue, revoked ones included; never a secret. */
export async function listKeys({ stores }: ServiceParts, caller: Caller, request: ListKeysRequest): Promise<ListKeysResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const page = await stores.lists.page(listOf(tenantId, 'keys'), pageSize(request.pageSize), request.pageToken);
  const stored = await stores.keys.getMany(page.ids);
  return { keys: stored.flatMap((document) => (document ? [document.key] : [])), nextPageToken: page.nextPageToken };
}
