import { Mode, type Campaign, type Message, type Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import type { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import { count, wordFor, type Words } from '../text/catalogue.js';
import { when } from './tenant-view.js';

/** All that an approver vouches for, as written: for whom, when, by what, in which words. */
export function contentLines(words: Words, campaign: Campaign): string[] {
  const { lane, status, audience, scheduledAt, expiresAt, channels, mode, authorId, approval, breakGlass } = campaign;
  const drill = status === Status.ACTUAL ? '' : ` · ${wordFor(words, 'status', Status[status])}`;
  const together = channels.length < 2 ? '' : ` (${mode === Mode.ORDER ? words('inOrder') : words('together')})`;
  return [
    `${words('lane')}: ${wordFor(words, 'lane', Lane[lane])}${drill}`,
    ...(audience ? [`${words('audience')}: ${audienceText(words, audience)}`] : []),
    `${words('leaves')}: ${scheduledAt === 0 ? words('atOnce') : when(scheduledAt)} · ${words('expires')}: ${when(expiresAt)}`,
    ...(campaign.pace ? [`${words('pace')}: ${paceText(words, campaign.pace)}`] : []),
    `${words('channels')}: ${channels.join(', ')}${together}`,
    ...campaign.messages.flatMap(messageLines),
    `${words('author')}: ${authorId}`,
    ...(approval ? [`${words('approvedBy')}: ${approval.principalId} (${when(approval.approvedAt)})`] : []),
    ...(breakGlass ? [`${words('brokenGlass')}: ${breakGlass.principalId} (${when(breakGlass.usedAt)}): ${breakGlass.reason}`] : []),
  ];
}

/** "60 par minute et par canal", "étalée sur 2 h". */
export function paceText(words: Words, { spreadSeconds, perMinute }: Pace): string {
  if (perMinute > 0) return `${count(words, perMinute)} ${words('aMinute')}`;
  return `${words('spreadOver')} ${lasting(spreadSeconds * 1_000)}`;
}

/** "2 h 05 min", "45 s": ms to the minute, below two minutes to the second. */
export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${String(rest).padStart(2, '0')} min`;
}

function audienceText(words: Words, audience: Audience): string {
  const { register, everyone, groups, attributes, zone, excludeGroups, excludeContactIds } = audience;
  return [
    wordFor(words, 'register', RegisterKind[register]),
    ...(everyone ? [words('everyone')] : []),
    ...(groups.length > 0 ? [`${words('groups')} ${groups.join(', ')}`] : []),
    ...attributes.map(({ attribute, values }) => `${attribute} ${values.join(', ')}`),
    ...(zone ? [`${words('zoneOf')} ${count(words, Math.max(0, zone.ring.length - 1))} ${words('points')}`] : []),
    ...(excludeGroups.length > 0 ? [`${words('exceptGroups')} ${excludeGroups.join(', ')}`] : []),
    ...(excludeContactIds.length > 0 ? [`${words('exceptContacts')}: ${count(words, excludeContactIds.length)}`] : []),
  ].join(' · ');
}

function messageLines({ channel, language, subject, body }: Message): string[] {
  const text = [subject, body].filter((part) => part !== '').join('\n');
  return [`  ${channel} (${language}):`, ...text.split('\n').map((line) => `    ${line}`)];
}
