import { randomUUID } from 'node:crypto';
import { CampaignType, type Forecast, Message, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import { TocsinError } from '@tocsin/errors';
import { waitUntil } from '@tocsin/testing';
import { CALL_DEADLINE_MS } from '../../../stack/dist/job/partner.js';
import { watchCampaign } from '../../../stack/dist/job/watch-campaign.js';
import type { WorldTenant } from './world-tenant.js';

const HOUR_MS = 3_600_000;
/** No campaign of a benchmark lasts longer. */
const EXPIRES_AFTER_MS = 4 * HOUR_MS;
/** Contacts show in previews at once; a preview of 150,000 takes about a second. */
const PREVIEW_DEADLINE_MS = 60_000;

/** Plain GSM 03.38: 139 characters are one segment, three times as many are three (153 each). */
const SENTENCE =
  'ALERTE CRUE: quittez les berges et les sous-sols, coupez le gaz et montez a l etage. Ecoutez la radio. Exercice de mesure. STOP au 36111. ';

export interface CampaignWish {
  readonly lane?: Lane;
  /** SMS segments of its words, 1 to 3. */
  readonly segments?: 1 | 2 | 3;
  /** More of the content than this module knows. */
  readonly content?: Parameters<typeof CampaignContent.fromPartial>[0];
}

/** Drafted and previewed: the next call releases it. */
export interface ReadyCampaign {
  readonly tenant: WorldTenant;
  readonly campaignId: string;
  readonly contentHash: string;
  readonly recipients: number;
  /** Cost units of it: segments times recipients. */
  readonly units: number;
}

export interface Released {
  readonly campaign: ReadyCampaign;
  /** Unix ms of the release call and of its answer. */
  readonly calledAt: number;
  readonly answeredAt: number;
  /** What the platform foresaw as it was released; undefined = it could not say. */
  readonly forecast: Forecast | undefined;
}

/** Drafts an SMS to everyone of the tenant's register and previews it until the whole register is counted. */
export async function prepareCampaign(tenant: WorldTenant, wish: CampaignWish = {}): Promise<ReadyCampaign> {
  const { tenantId, agent } = tenant;
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const content = campaignContent(wish, Date.now());
  const created = await agent.campaigns.createCampaign({ idempotencyKey: `bench-${randomUUID()}`, tenantId, content }, deadline);
  const campaignId = created.campaign?.campaignId ?? '';
  let preview = await agent.campaigns.previewCampaign({ tenantId, campaignId }, deadline);
  if (wish.content?.audience === undefined) {
    await waitUntil(
      `a preview of the ${tenant.contacts} contacts of ${tenant.name} (it counts ${preview.recipients})`,
      async () => {
        if (preview.recipients === tenant.contacts) return true;
        preview = await agent.campaigns.previewCampaign({ tenantId, campaignId }, deadline);
        return false;
      },
      PREVIEW_DEADLINE_MS,
    );
  }
  const units = preview.channels.reduce((sum, { cost }) => sum + cost, 0);
  return { tenant, campaignId, contentHash: preview.contentHash, recipients: preview.recipients, units };
}

export async function releaseCampaign(campaign: ReadyCampaign): Promise<Released> {
  const { tenant, campaignId, contentHash } = campaign;
  const calledAt = Date.now();
  const { campaign: released } = await tenant.agent.campaigns.releaseCampaign(
    // A benchmark releases cities like nobody does, and a forecast that expects more of them must not refuse the next one.
    { tenantId: tenant.tenantId, campaignId, contentHash, breakGlassReason: '', acceptLate: true },
    { deadlineMs: CALL_DEADLINE_MS },
  );
  return { campaign, calledAt, answeredAt: Date.now(), forecast: released?.forecast };
}

/** Stops it and waits until the ledger has counted it to its end: nothing of it reaches a provider any more. A campaign that has finished is left as it is. */
export async function stopCampaign({ tenant, campaignId }: ReadyCampaign): Promise<void> {
  const { tenantId, agent } = tenant;
  try {
    await agent.campaigns.stopCampaign({ tenantId, campaignId, reason: 'The measurement is over.' }, { deadlineMs: CALL_DEADLINE_MS });
  } catch (failure) {
    if (!(failure instanceof TocsinError) || failure.code !== 'FAILED_PRECONDITION') throw failure;
  }
  await watchCampaign(agent, tenantId, campaignId, () => undefined);
}

/** An SMS to everyone of the general register; `now` is Unix ms. */
export function campaignContent({ lane = Lane.STANDARD, segments = 1, content = {} }: CampaignWish, now: number): CampaignContent {
  const body = SENTENCE.repeat(segments).trimEnd();
  return CampaignContent.fromPartial({
    title: 'Mesure',
    type: CampaignType.ALERT,
    status: Status.ACTUAL,
    lane,
    audience: Audience.fromPartial({ register: RegisterKind.GENERAL, everyone: true }),
    messages: [Message.fromPartial({ channel: 'sms', language: 'fr', body })],
    channels: ['sms'],
    mode: Mode.PARALLEL,
    purpose: 'alert',
    expiresAt: now + EXPIRES_AFTER_MS,
    ...content,
  });
}
