import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ListCampaignsRequest, ListCampaignsResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { invalidArgument } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import type { ServiceParts } from './service-parts.js';

const DEFAULT_PAGE = 50;
/** Campaigns of one page: with two messages of 10,000 characters each they stay below a message of 4 MiB. */
const MAX_PAGE = 100;

/** In the order of creation. A zone is listed without its ring, which may have 10,000 points: GetCampaign has it. */
export async function listCampaignsRpc(parts: ServiceParts, caller: Caller, request: ListCampaignsRequest): Promise<ListCampaignsResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  if (request.pageSize > MAX_PAGE) throw invalidArgument([{ field: 'page_size', description: `must be 1 to ${MAX_PAGE}` }]);
  const { ids, nextPageToken } = await parts.lists.page(tenantId, request.pageSize || DEFAULT_PAGE, request.pageToken);
  const snapshots = await parts.campaigns.snapshots(tenantId, ids);
  return { campaigns: snapshots.map(({ campaign }) => withoutRing(campaign)), nextPageToken };
}

function withoutRing(campaign: Campaign): Campaign {
  const { audience } = campaign;
  return audience?.zone ? { ...campaign, audience: { ...audience, zone: { ring: [] } } } : campaign;
}
