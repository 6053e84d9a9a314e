import { derivedId } from '@tocsin/contracts';
import type { CreateCampaignRequest, CreateCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { checkIdempotencyKey, TocsinError, Violations } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import { contentHash } from '../core/content-hash.js';
import { checkContent, completed } from '../core/content-rules.js';
import { createCampaign } from '../core/decide/create-campaign.js';
import type { ServiceParts } from './service-parts.js';

export async function createCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: CreateCampaignRequest,
): Promise<CreateCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const violations = new Violations();
  checkIdempotencyKey(violations, request.idempotencyKey);
  violations.raise();
  const content = request.content && completed(request.content);
  const now = parts.now();
  const campaignId = derivedId('cmp', tenantId, request.idempotencyKey);
  const createdFrom = content ? contentHash(content) : '';
  // A repetition is answered whatever has changed since: its expiry may have passed, a channel may be gone.
  const before = await parts.store.get(campaignId);
  if (!before) {
    checkContent(content, (channel) => parts.manifestOf(channel), now);
    // Listed before it exists: a listed campaign that was never made is left out when reading, the reverse would be lost.
    await parts.lists.append(tenantId, campaignId);
    await parts.store.create(campaignId, createCampaign({ campaignId, tenantId, authorId: caller.principalId, content, createdFrom, now }));
  }
  const record = await parts.campaigns.record(tenantId, campaignId);
  if (record.createdFrom !== createdFrom) {
    throw new TocsinError('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'This idempotency key made another campaign.', {
      metadata: { campaignId },
    });
  }
  return { campaign: (await parts.campaigns.snapshot(tenantId, campaignId)).campaign };
}
