import { CampaignType, Message, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, type Status } from '@tocsin/contracts/common/v1/common';
import { Audience } from '@tocsin/contracts/subscribers/v1/audience';

const HOUR_MS = 3_600_000;

/** Plain GSM 03.38 and below 160 characters: one segment a number, so that segments and deliveries are the same count. */
const SMS_TEXT =
  'ALERTE CRUE: quittez les berges et les sous-sols, coupez le gaz, montez a l etage. Ecoutez la radio. Exercice de demonstration. STOP au 36111';

const MAIL_TEXT = [
  'Madame, Monsieur,',
  '',
  'Une crue rapide est annoncée cette nuit. Quittez les berges et les sous-sols, coupez le gaz et montez à l’étage.',
  'Écoutez la radio locale et n’allez pas chercher vos enfants à l’école : ils y sont à l’abri.',
  '',
  'Ceci est une démonstration de Tocsin.',
].join('\n');

export interface AlertOptions {
  readonly title: string;
  readonly now: number;
  readonly status: Status;
  readonly channels: readonly string[];
}

/** The alert of the demonstration, to everyone of the general register. Channels without words of their own get the mail's. */
export function alertContent({ title, now, status, channels }: AlertOptions): CampaignContent {
  return CampaignContent.fromPartial({
    title,
    type: CampaignType.ALERT,
    status,
    lane: Lane.STANDARD,
    audience: Audience.fromPartial({ register: RegisterKind.GENERAL, everyone: true }),
    messages: channels.map((channel) =>
      Message.fromPartial(
        channel === 'sms'
          ? { channel, language: 'fr', body: SMS_TEXT }
          : { channel, language: 'fr', subject: 'Alerte crue : mettez-vous à l’abri', body: MAIL_TEXT },
      ),
    ),
    channels: [...channels],
    mode: Mode.PARALLEL,
    purpose: 'alert',
    expiresAt: now + HOUR_MS,
  });
}
