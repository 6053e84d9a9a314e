import type { Caller, ListPrincipalsRequest, ListPrincipalsResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { tenantOf } from '../core/access.js';
import { pageSize } from '../core/paging.js';
import type { ServiceParts } from '../service-parts.js';
import { listOf } from '../stores/stores.js';

/** In order of creation, disabled ones included. */
export async function listPrincipals(
  { stores }: ServiceParts,
  caller: Caller,
  request: ListPrincipalsRequest,
): Promise<ListPrincipalsResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const page = await stores.lists.page(listOf(tenantId, 'principals'), pageSize(request.pageSize), request.pageToken);
  const stored = await stores.principals.getMany(page.ids);
  return { principals: stored.flatMap((document) => (document ? [document.principal] : [])), nextPageToken: page.nextPageToken };
}
