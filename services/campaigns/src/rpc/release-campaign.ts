import { newId } from '@tocsin/contracts';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ReleaseCampaignRequest, ReleaseCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { onBehalfOf } from '@tocsin/grpc';
import { tenantOf } from '../core/access.js';
import { readRecord } from '../core/campaign-record.js';
import { releaseCampaign } from '../core/decide/release-campaign.js';
import { closeOriginal } from './correction.js';
import { fetchTenant } from './fetch-tenant.js';
import type { ServiceParts } from './service-parts.js';

/** ms to write the audit entry of a broken glass. */
const AUDIT_DEADLINE = 3_000;

export async function releaseCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: ReleaseCampaignRequest,
): Promise<ReleaseCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const [seen, tenant] = await Promise.all([parts.campaigns.seen(tenantId, request.campaignId), fetchTenant(parts, tenantId)]);
  const record = readRecord(seen.state);
  const { contentHash, breakGlassReason, acceptLate } = request;
  const releasing = { caller, tenant, contentHash, breakGlassReason, acceptLate, now: parts.now() };
  // Decided once beforehand: a refusal leaves no trace, and what goes by a broken glass is in the audit before anything leaves.
  const foreseen = releaseCampaign(record, 0, releasing);
  const forecast = foreseen && parts.forecasts.checkInTime(record.campaign, tenant, request.acceptLate);
  if (foreseen?.state.campaign.breakGlass) await auditBreakGlass(parts, caller, foreseen.state.campaign);
  const { scheduledAt } = record.campaign;
  if (foreseen && scheduledAt > releasing.now) await parts.planStart(request.campaignId, scheduledAt);
  if (foreseen && scheduledAt <= releasing.now) parts.forecasts.begin(record.campaign, tenant, forecast ?? undefined);
  if (foreseen) await closeOriginal(parts, record.campaign);
  return {
    campaign: await parts.campaigns.decide(
      tenantId,
      request.campaignId,
      (current, version) => releaseCampaign(current, version, releasing),
      seen,
    ),
  };
}

async function auditBreakGlass(parts: ServiceParts, caller: Caller, campaign: Campaign): Promise<void> {
  const entry = {
    entryId: newId('aud'),
    tenantId: campaign.tenantId,
    principalId: caller.principalId,
    action: 'break-glass',
    subjectId: campaign.campaignId,
    outcome: 'OK',
    occurredAt: parts.now(),
    detail: campaign.breakGlass?.reason ?? '',
  };
  await parts.directory.appendAudit({ entry }, onBehalfOf(caller, AUDIT_DEADLINE));
}
