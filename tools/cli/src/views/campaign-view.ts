import { CampaignState, CampaignType, Mode, type Campaign, type Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane, RegisterKind, Status, type ReasonCount } from '@tocsin/contracts/common/v1/common';
import { enumName } from '../option-values.js';
import { count, wordFor, type Words } from '../text/catalogue.js';
import { table } from '../text/table.js';
import { forecastLines, forecastView } from './forecast-view.js';
import { when } from './tenant-view.js';

/** A campaign as JSON: names for enums, ISO times. */
export function campaignView(campaign: Campaign): Record<string, unknown> {
  const { type, status, lane, state, mode, audience, approval, breakGlass, notices, forecast, ...rest } = campaign;
  return {
    ...rest,
    type: enumName(CampaignType, type),
    status: enumName(Status, status),
    lane: enumName(Lane, lane),
    state: enumName(CampaignState, state),
    mode: enumName(Mode, mode),
    ...(audience ? { audience: { ...audience, register: enumName(RegisterKind, audience.register) } } : {}),
    ...(forecast ? { forecast: forecastView(forecast) } : {}),
    notices: notices.map((notice) => ({ ...notice, at: when(notice.at) })),
    ...(approval ? { approval: { ...approval, approvedAt: when(approval.approvedAt) } } : {}),
    ...(breakGlass ? { breakGlass: { ...breakGlass, usedAt: when(breakGlass.usedAt) } } : {}),
    expiresAt: when(campaign.expiresAt),
    scheduledAt: when(campaign.scheduledAt),
    createdAt: when(campaign.createdAt),
    releasedAt: when(campaign.releasedAt),
    finishedAt: when(campaign.finishedAt),
  };
}

export function stateWord(words: Words, state: CampaignState): string {
  return wordFor(words, 'state', CampaignState[state]);
}

export function campaignLines(words: Words, campaign: Campaign): string[] {
  return [
    `${campaign.campaignId}  ${campaign.title}`,
    `${words('state')}: ${stateWord(words, campaign.state)}`,
    ...(campaign.holdReason === '' ? [] : [`${words('waitsBecause')}: ${wordFor(words, 'reason', campaign.holdReason)}`]),
    ...campaign.notices.map(({ reason, channel }) => `${words('slowedBecause')} (${channel}): ${wordFor(words, 'reason', reason)}`),
    ...forecastLines(words, campaign.forecast, Date.now()),
    `${words('contentHash')}: ${campaign.contentHash}`,
    ...(campaign.tally ? tallyLines(words, campaign.tally) : []),
  ];
}

/** The counts of a campaign; the four facts of a channel stay four numbers. */
export function tallyLines(words: Words, tally: Tally): string[] {
  const facts = [
    [words('recipients'), tally.recipients],
    [words('delivered'), tally.delivered],
    [words('acceptedClosed'), tally.acceptedClosed],
    [words('failed'), tally.failed],
    [words('suppressed'), tally.suppressed],
    [words('expired'), tally.expired],
    [words('cancelled'), tally.cancelled],
    [words('pending'), tally.pending],
  ] as const;
  const channels = tally.channels.map((row) => [
    row.channel,
    row.deliveries,
    row.handedOver,
    row.accepted,
    row.onDevice,
    row.confirmed,
    row.failed,
  ]);
  const headings = [
    words('channel'),
    words('deliveries'),
    words('handedOver'),
    words('accepted'),
    words('onDevice'),
    words('confirmed'),
    words('failed'),
  ];
  return [
    facts
      .filter(([, value], at) => at === 0 || value > 0)
      .map(([name, value]) => `${name}: ${count(words, value)}`)
      .join(' · '),
    ...(channels.length > 0 ? table(headings, channels) : []),
    ...reasonLines(words, tally.notReachable),
  ];
}

/** "Injoignables: 12 (sans coordonnée: 10, a répondu STOP: 2)". */
export function reasonLines(
  words: Words,
  reasons: readonly ReasonCount[],
  heading: 'notReachable' | 'excludedBefore' = 'notReachable',
): string[] {
  const total = reasons.reduce((sum, row) => sum + row.count, 0);
  if (total === 0) return [];
  const parts = reasons.filter((row) => row.count > 0).map((row) => `${wordFor(words, 'reason', row.reason)}: ${count(words, row.count)}`);
  return [`${words(heading)}: ${count(words, total)} (${parts.join(', ')})`];
}
