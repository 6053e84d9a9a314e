import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CampaignType, Mode, type Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { collect, enumName, span, wholeNumber } from '../option-values.js';
import { UsageError } from '../usage-error.js';
import { readContent, type ContentFile } from './content-json.js';

export interface ContentOptions {
  readonly file?: string;
  readonly title?: string;
  readonly lane?: string;
  readonly type?: string;
  readonly status?: string;
  readonly register?: string;
  readonly everyone?: boolean;
  readonly group?: readonly string[];
  readonly excludeGroup?: readonly string[];
  readonly excludeContact?: readonly string[];
  readonly attribute?: readonly string[];
  readonly zone?: string;
  readonly message?: readonly string[];
  readonly subject?: readonly string[];
  readonly language?: string;
  readonly mode?: string;
  readonly purpose?: string;
  readonly expires?: string;
  readonly at?: string;
  readonly spread?: string;
  readonly perMinute?: string;
  readonly corrects?: string;
}

/** What people decide about a campaign, as options or as one file. */
export function withContentOptions(command: Command): Command {
  return command
    .option('--file <file>', 'the whole campaign as JSON ("-" = standard input) instead of the options below')
    .option('--title <text>', 'for colleagues, not sent')
    .option('--lane <lane>', 'life-safety, urgent, standard, bulk')
    .option('--type <type>', 'alert, update, cancel (alert)')
    .option(
      '--corrects <campaign>',
      'go to exactly those whom this campaign was submitted to, which is closed first; with --type update or cancel, without an audience',
    )
    .option('--status <status>', 'actual, exercise, test (actual)')
    .option('--register <kind>', 'general, vulnerable, plp (general)')
    .option('--everyone', 'everybody of the register; must be said')
    .option('--group <group>', 'any of these groups; several times', collect)
    .option('--exclude-group <group>', 'none of these groups; several times', collect)
    .option('--exclude-contact <id>', 'not this contact; several times', collect)
    .option('--attribute <name=v1,v2>', 'insee_code, postcode, city; several times', collect)
    .option('--zone <file>', 'inside the polygon of this GeoJSON file')
    .option('--message <channel=text>', 'the words for one channel; several times, the channels in order of preference', collect)
    .option('--subject <channel=text>', 'the subject for channels that have one; several times', collect)
    .option('--language <tag>', 'language of the words (fr)')
    .option('--mode <mode>', 'parallel: all channels at once; order: the next when one did not reach (parallel)')
    .option('--purpose <purpose>', 'purpose the consent is asked for (alert)')
    .option('--expires <time>', 'nothing leaves after it: +2h or ISO 8601')
    .option('--at <time>', 'leave at this time instead of when released')
    .option('--spread <time>', 'spread evenly over this time, e.g. 2h, instead of as fast as possible; 0s = no longer')
    .option(
      '--per-minute <number>',
      'hand over at most this many a minute on each channel, e.g. what a call-back desk can answer; 0 = no longer',
    );
}

/** The draft's content with what the options say changed: an audience or words that are given replace the former whole. Throws UsageError. */
export function changedContent(draft: Campaign, options: ContentOptions, now: number): CampaignContent {
  if (options.file !== undefined) return contentOf(options, now);
  const { audience } = draft;
  const whom = [
    options.register,
    options.everyone,
    options.group,
    options.excludeGroup,
    options.excludeContact,
    options.attribute,
    options.zone,
  ];
  const keepsAudience = whom.every((option) => option === undefined);
  const keepsWords = options.message === undefined && options.subject === undefined;
  const content = contentOf(
    {
      ...options,
      title: options.title ?? draft.title,
      lane: options.lane ?? enumName(Lane, draft.lane),
      type: options.type ?? enumName(CampaignType, draft.type),
      ...(options.corrects === undefined && draft.corrects !== undefined ? { corrects: draft.corrects } : {}),
      status: options.status ?? enumName(Status, draft.status),
      mode: options.mode ?? enumName(Mode, draft.mode),
      purpose: options.purpose ?? draft.purpose,
      language: options.language ?? draft.messages[0]?.language ?? 'fr',
      expires: options.expires ?? new Date(draft.expiresAt).toISOString(),
      ...(options.at === undefined && draft.scheduledAt > 0 ? { at: new Date(draft.scheduledAt).toISOString() } : {}),
      message: options.message ?? draft.messages.map(({ channel, body }) => `${channel}=${body}`),
      subject: options.subject ?? draft.messages.flatMap(({ channel, subject }) => (subject === '' ? [] : [`${channel}=${subject}`])),
    },
    now,
  );
  const { messages, channels, pace } = draft;
  const keepsPace = options.spread === undefined && options.perMinute === undefined;
  return {
    ...content,
    ...(keepsAudience && audience ? { audience } : {}),
    ...(keepsWords ? { messages, channels } : {}),
    ...(keepsPace && pace ? { pace } : {}),
  };
}

/** The content that the options say; throws UsageError. */
export function contentOf(options: ContentOptions, now: number): CampaignContent {
  if (options.file !== undefined) return readContent(readJson(options.file), now);
  const messages = (options.message ?? []).map((text) => pair('--message', text));
  const subjects = new Map((options.subject ?? []).map((text) => pair('--subject', text)));
  if (options.title === undefined || options.lane === undefined || options.expires === undefined || messages.length === 0) {
    throw new UsageError('Give --title, --lane, --expires and at least one --message, or --file.');
  }
  return readContent(
    {
      title: options.title,
      lane: options.lane,
      type: options.type,
      status: options.status,
      corrects: options.corrects,
      audience: {
        register: options.register,
        everyone: options.everyone,
        groups: options.group,
        excludeGroups: options.excludeGroup,
        excludeContactIds: options.excludeContact,
        attributes: options.attribute?.map((text) => {
          const [attribute, values] = pair('--attribute', text);
          return { attribute, values: values.split(',') };
        }),
        zone: options.zone === undefined ? undefined : readJson(options.zone),
      },
      messages: messages.map(([channel, body]) => ({ channel, body, subject: subjects.get(channel), language: options.language })),
      channels: messages.map(([channel]) => channel),
      mode: options.mode,
      purpose: options.purpose,
      expiresAt: options.expires,
      scheduledAt: options.at,
      pace: paceOf(options),
    },
    now,
  );
}

function paceOf({ spread, perMinute }: ContentOptions): ContentFile['pace'] {
  if (spread !== undefined && perMinute !== undefined) throw new UsageError('Give --spread or --per-minute, not both.');
  if (spread !== undefined) return span('--spread', spread) === 0 ? undefined : { spread };
  const most = perMinute === undefined ? 0 : wholeNumber('--per-minute', perMinute, 0, 1_000_000);
  return most === 0 ? undefined : { perMinute: most };
}

function pair(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${option} must be written name=value.`);
  return [text.slice(0, at), text.slice(at + 1).replaceAll('\\n', '\n')];
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`The file ${file} is not JSON.`);
  }
}
