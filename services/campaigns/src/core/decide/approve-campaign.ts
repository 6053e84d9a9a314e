import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { PrincipalKind } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { contentChanged, expired, notPreviewed, wrongState } from './refuse.js';

export interface Approving {
  readonly caller: Caller;
  readonly contentHash: string;
  readonly now: number;
}

/** Four eyes: a second person vouches for the content named by its hash. */
export function approveCampaign(record: CampaignRecord, { caller, contentHash, now }: Approving): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (caller.kind !== PrincipalKind.AGENT) {
    throw new TocsinError('PERMISSION_DENIED', 'MACHINES_CANNOT_APPROVE', 'Only a person can approve a campaign.');
  }
  if (caller.principalId === campaign.authorId) {
    throw new TocsinError('PERMISSION_DENIED', 'OWN_CAMPAIGN', 'A campaign is approved by another person than its author.');
  }
  if (campaign.state !== CampaignState.DRAFT) throw wrongState(campaign, 'draft');
  if (now >= campaign.expiresAt) throw expired();
  if (contentHash !== campaign.contentHash) throw contentChanged();
  if (campaign.previewedHash !== contentHash) throw notPreviewed();
  const { approval } = campaign;
  if (approval?.principalId === caller.principalId && approval.contentHash === contentHash) return null;
  return { state: changed(record, { approval: { principalId: caller.principalId, contentHash, approvedAt: now } }), events: [] };
}
