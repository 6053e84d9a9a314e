import { type BreakGlass, type Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { PrincipalKind, type Tenant } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { invalidArgument, isLine, TocsinError } from '@tocsin/errors';
import type { Decision } from '@tocsin/mongo';
import { type CampaignRecord, changed } from '../campaign-record.js';
import { checkPaceFits } from '../pace-rules.js';
import { released } from './released.js';
import { contentChanged, expired, notPreviewed, wrongState } from './refuse.js';

/** Characters a break-glass reason must have: a sentence somebody can be asked about. */
const MIN_REASON = 10;
const MAX_REASON = 500;

export interface Releasing {
  readonly caller: Caller;
  readonly tenant: Tenant;
  readonly contentHash: string;
  /** '' = none. */
  readonly breakGlassReason: string;
  /** What cannot be complete before the expiry may go all the same. */
  readonly acceptLate?: boolean;
  readonly now: number;
}

/** Lets a campaign go, at once or at its time; what was released before with the same content stays as it is. */
export function releaseCampaign(record: CampaignRecord, version: number, releasing: Releasing): Decision<CampaignRecord> | null {
  const { campaign } = record;
  const { contentHash, tenant, now } = releasing;
  if (RELEASED.has(campaign.state)) {
    if (contentHash !== campaign.contentHash) throw contentChanged();
    return null;
  }
  if (campaign.state !== CampaignState.DRAFT) throw wrongState(campaign, 'draft');
  if (now >= campaign.expiresAt) throw expired();
  if (contentHash !== campaign.contentHash) throw contentChanged();
  if (campaign.previewedHash !== contentHash) throw notPreviewed();
  if (tenant.suspended) throw new TocsinError('FAILED_PRECONDITION', 'TENANT_SUSPENDED', 'The tenant is suspended and sends nothing.');
  if (releasing.acceptLate !== true) checkPaceFits(campaign, Math.max(now, campaign.scheduledAt));
  const breakGlass = fourEyes(campaign, releasing);
  const { weight: tenantWeight, smsSender, mailFrom, name: tenantName, version: tenantVersion, limits, recipientDays } = tenant;
  const vouched = breakGlass !== null || isApproved(campaign);
  const framed: CampaignRecord = {
    ...changed(record, breakGlass ? { breakGlass } : {}),
    // The audience is walked at its release, and may have grown beyond the threshold since it was counted.
    release: {
      tenantWeight,
      smsSender,
      mailFrom,
      tenantName,
      tenantVersion,
      ...(limits ? { limits } : {}),
      ...(recipientDays ? { recipientDays } : {}),
      ...(vouched ? {} : { recipientLimit: tenant.approvalThreshold }),
    },
  };
  if (campaign.scheduledAt > now) return { state: changed(framed, { state: CampaignState.SCHEDULED, releasedAt: now }), events: [] };
  return released(framed, version, now);
}

/** Whether this many recipients need a second person; a threshold of 0 means always. */
export function needsApproval(estimatedRecipients: number, threshold: number): boolean {
  return threshold === 0 || estimatedRecipients > threshold;
}

/** A second person vouched for the content as it is. */
export function isApproved({ approval, contentHash }: Campaign): boolean {
  return approval?.contentHash === contentHash;
}

/** Answers the broken glass where it replaced the second person; throws when neither is there. */
function fourEyes(campaign: Campaign, { caller, tenant, breakGlassReason, now }: Releasing): BreakGlass | null {
  if (!needsApproval(campaign.estimatedRecipients, tenant.approvalThreshold)) return null;
  if (isApproved(campaign)) return null;
  if (breakGlassReason === '') {
    const reason = campaign.approval ? 'APPROVAL_VOID' : 'APPROVAL_MISSING';
    throw new TocsinError('FAILED_PRECONDITION', reason, 'A second person must approve this campaign before it is released.');
  }
  if (campaign.lane !== Lane.LIFE_SAFETY) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'BREAK_GLASS_LIFE_SAFETY_ONLY',
      'Only a life-safety campaign may go without a second person.',
    );
  }
  if (caller.kind !== PrincipalKind.AGENT) {
    throw new TocsinError('PERMISSION_DENIED', 'BREAK_GLASS_BY_PERSONS_ONLY', 'Only a person can release without a second one.');
  }
  const reason = breakGlassReason.trim();
  if (reason.length < MIN_REASON || !isLine(reason, MAX_REASON)) {
    const description = `must be a sentence of ${MIN_REASON} to ${MAX_REASON} characters on one line`;
    throw invalidArgument([{ field: 'break_glass_reason', description }]);
  }
  return { principalId: caller.principalId, reason, usedAt: now };
}

const RELEASED: ReadonlySet<CampaignState> = new Set([
  CampaignState.SCHEDULED,
  CampaignState.RUNNING,
  CampaignState.PAUSED,
  CampaignState.FINISHED,
]);
