import { CampaignType, Message, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import type { LaneName, PlannedCampaign } from '../plan/plan-campaigns.js';

/** Plain GSM 03.38 in one segment. */
const WORDS =
  'ALERTE CRUE: quittez les berges et les sous-sols, coupez le gaz et montez a l etage. Ecoutez la radio. Exercice. STOP au 36111';

const LANES: Readonly<Record<LaneName, Lane>> = {
  'life-safety': Lane.LIFE_SAFETY,
  urgent: Lane.URGENT,
  standard: Lane.STANDARD,
  bulk: Lane.BULK,
};

/** To those whom the original was submitted to. */
export function correctionOf(planned: PlannedCampaign, expiresAt: number, type: 'update' | 'cancel', corrects: string): CampaignContent {
  const { audience: _, ...content } = contentOf(planned, expiresAt);
  return CampaignContent.fromPartial({ ...content, type: type === 'update' ? CampaignType.UPDATE : CampaignType.CANCEL, corrects });
}

/** To everyone of the general register; `expiresAt` is Unix ms. */
export function contentOf(planned: PlannedCampaign, expiresAt: number): CampaignContent {
  return CampaignContent.fromPartial({
    title: `Exercice ${planned.index}`,
    type: CampaignType.ALERT,
    status: Status.ACTUAL,
    lane: LANES[planned.lane],
    audience: Audience.fromPartial({ register: RegisterKind.GENERAL, everyone: true }),
    messages: planned.channels.map((channel) =>
      Message.fromPartial({ channel, language: 'fr', body: WORDS, ...(channel === 'email' ? { subject: 'Alerte crue' } : {}) }),
    ),
    channels: [...planned.channels],
    mode: planned.mode === 'order' ? Mode.ORDER : Mode.PARALLEL,
    purpose: 'alert',
    expiresAt,
  });
}
