import { type Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { campaignEvent, stopRecord } from '../events.js';
import { expired, wrongState } from './refuse.js';
import { isApproved } from './release-campaign.js';

export interface Resuming {
  readonly caller: Caller;
  readonly now: number;
}

/** Lets a paused campaign go on; one that nobody vouched for and that outgrew its preview goes on by a second person only. */
export function resumeCampaign(record: CampaignRecord, version: number, { caller, now }: Resuming): Decision<CampaignRecord> | null {
  const { campaign } = record;
  if (campaign.state === CampaignState.RUNNING) return null;
  if (campaign.state !== CampaignState.PAUSED) throw wrongState(campaign, 'paused');
  if (now >= campaign.expiresAt) throw expired();
  if (campaign.holdReason !== '' && !isApproved(campaign) && !campaign.breakGlass) requireSecondPerson(campaign, caller);
  const { campaignId } = campaign;
  return {
    state: changed(record, { state: CampaignState.RUNNING, holdReason: '' }),
    events: [
      stopRecord(campaign, version + 1, StopKind.RESUMED, now),
      campaignEvent(campaign, version + 1, 'tocsin.campaigns.v1.CampaignResumed', { campaignId }, now),
    ],
  };
}

function requireSecondPerson({ authorId }: Campaign, { kind, principalId, roles }: Caller): void {
  if (kind === PrincipalKind.AGENT && principalId !== authorId && roles.includes(Role.APPROVER)) return;
  const message = 'More people would be reached than one person may decide: an approver other than its author lets it go on.';
  throw new TocsinError('PERMISSION_DENIED', 'SECOND_PERSON_REQUIRED', message);
}
