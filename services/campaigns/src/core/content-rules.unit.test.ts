import { describe, expect, it } from 'vitest';
import { CampaignType, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import type { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import { TocsinError } from '@tocsin/errors';
import { checkContent, completed } from './content-rules.js';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const MANIFESTS = new Map([
  ['sms', Manifest.fromPartial({ channel: 'sms', costUnit: 'segment' })],
  ['email', Manifest.fromPartial({ channel: 'email', features: ['subject'] })],
]);
const SQUARE = [
  { latitude: 48, longitude: 2 },
  { latitude: 49, longitude: 2 },
  { latitude: 49, longitude: 3 },
  { latitude: 48, longitude: 2 },
];

function content(change: (good: CampaignContent) => Partial<CampaignContent>): CampaignContent {
  const good = CampaignContent.fromPartial({
    title: 'Orages',
    type: CampaignType.ALERT,
    status: Status.ACTUAL,
    lane: Lane.URGENT,
    audience: { register: RegisterKind.GENERAL, everyone: true },
    messages: [
      { channel: 'sms', body: 'Bonjour {{ first_name }}, orages à {{ city }}' },
      { channel: 'email', subject: 'Orages à {{ city }}', body: 'Bonjour' },
    ],
    channels: ['sms', 'email'],
    expiresAt: NOW + DAY,
  });
  return completed({ ...good, ...change(good) });
}

function violations(given: CampaignContent): string[] {
  try {
    checkContent(given, (channel) => MANIFESTS.get(channel), NOW);
    return [];
  } catch (error) {
    if (error instanceof TocsinError) return [...new Set(error.fieldViolations.map((violation) => violation.field))];
    throw error;
  }
}

const audience = (values: Partial<Audience>) => (good: CampaignContent) => ({ audience: { ...good.audience, ...values } as Audience });
const body = (text: string) => (good: CampaignContent) => ({
  messages: good.messages.map((message, at) => (at === 0 ? { ...message, body: text } : message)),
});

const correction = (change: Partial<CampaignContent>) => () => ({
  type: CampaignType.CANCEL,
  corrects: 'cmp_00000000000000000000000000',
  audience: undefined,
  ...change,
});

describe('what a draft may say', () => {
  const rows: { says: string; given: (good: CampaignContent) => Partial<CampaignContent>; expected: string[] }[] = [
    { says: 'a sound one is taken', given: () => ({}), expected: [] },
    {
      says: 'a pace that ends after the expiry is not',
      given: () => ({ pace: { spreadSeconds: 86_401, perMinute: 0 } }),
      expected: ['content.pace.spread_seconds'],
    },
    { says: 'a title of 200 characters is taken', given: () => ({ title: 'x'.repeat(200) }), expected: [] },
    { says: 'one of 201 is not', given: () => ({ title: 'x'.repeat(201) }), expected: ['content.title'] },
    { says: 'a blank title is not', given: () => ({ title: '  ' }), expected: ['content.title'] },
    { says: 'a title with a line break is not', given: () => ({ title: 'a\nb' }), expected: ['content.title'] },
    { says: 'a lane must be said', given: () => ({ lane: Lane.UNSPECIFIED }), expected: ['content.lane'] },
    { says: 'a lane of another release is not taken', given: () => ({ lane: 9 as Lane }), expected: ['content.lane'] },
    { says: 'a status must be said', given: () => ({ status: Status.UNSPECIFIED }), expected: ['content.status'] },
    { says: 'a type must be said', given: () => ({ type: CampaignType.UNSPECIFIED }), expected: ['content.type'] },
    { says: 'a correction names its original and nobody else', given: correction({}), expected: [] },
    { says: 'a correction is no alert', given: correction({ type: CampaignType.ALERT }), expected: ['content.type'] },
    {
      says: 'a correction has no audience of its own',
      given: (good) => ({ ...correction({})(), audience: good.audience }),
      expected: ['content.audience'],
    },
    { says: 'a correction goes at once', given: correction({ scheduledAt: NOW + 1 }), expected: ['content.scheduled_at'] },
    { says: 'a correction goes by the channels of its original', given: correction({ mode: Mode.ORDER }), expected: ['content.mode'] },
    { says: 'a correction of something that is no campaign', given: correction({ corrects: 'ten_1' }), expected: ['content.corrects'] },
    { says: 'an unknown variable is refused', given: body('{{ phone }}'), expected: ['content.messages[0].body'] },
    { says: 'a path is refused', given: body('{{ constructor.name }}'), expected: ['content.messages[0].body'] },
    { says: 'the prototype is no variable', given: body('{{ constructor }}'), expected: ['content.messages[0].body'] },
    { says: 'a filter is refused', given: body('{{ city | upcase }}'), expected: ['content.messages[0].body'] },
    { says: 'a tag is refused', given: body('{% for x in y %}'), expected: ['content.messages[0].body'] },
    { says: 'an empty text is refused', given: body(''), expected: ['content.messages[0].body'] },
    { says: '10,000 characters are taken', given: body('x'.repeat(10_000)), expected: [] },
    { says: '10,001 are refused', given: body('x'.repeat(10_001)), expected: ['content.messages[0].body'] },
    { says: 'a NUL is refused', given: body('a\u0000b'), expected: ['content.messages[0].body'] },
    { says: 'a lone surrogate is refused', given: body('a\ud800b'), expected: ['content.messages[0].body'] },
    { says: 'emoji, right-to-left and zero-width text is taken', given: body('🌊 شلال a\u200bb'), expected: [] },
    {
      says: 'a channel without a subject takes none',
      given: (good) => ({ messages: good.messages.map((message) => ({ ...message, subject: 'Orages' })) }),
      expected: ['content.messages[0].subject'],
    },
    {
      says: 'a channel with a subject needs one',
      given: (good) => ({ messages: good.messages.map((message) => ({ ...message, subject: '' })) }),
      expected: ['content.messages[1].subject'],
    },
    {
      says: 'each channel needs its message',
      given: (good) => ({ messages: good.messages.slice(0, 1) }),
      expected: ['content.messages'],
    },
    {
      says: 'a channel that is not announced is refused',
      given: (good) => ({
        channels: ['sms', 'email', 'pigeon'],
        messages: [...good.messages, { channel: 'pigeon', language: 'fr', subject: '', body: 'x' }],
      }),
      expected: ['content.channels'],
    },
    { says: 'a channel is named once', given: () => ({ channels: ['sms', 'email', 'sms'] }), expected: ['content.channels'] },
    { says: 'an audience must be given', given: () => ({ audience: undefined }) as never, expected: ['content.audience'] },
    { says: 'one that says nothing is refused', given: audience({ everyone: false }), expected: ['content.audience'] },
    { says: 'everyone is not said beside a group', given: audience({ groups: ['a'] }), expected: ['content.audience.everyone'] },
    { says: 'a closed ring is taken', given: audience({ everyone: false, zone: { ring: SQUARE } }), expected: [] },
    {
      says: 'an open ring is refused',
      given: audience({ everyone: false, zone: { ring: [...SQUARE.slice(0, 3), { latitude: 50, longitude: 2 }] } }),
      expected: ['content.audience.zone'],
    },
    {
      says: 'two points are refused',
      given: audience({ everyone: false, zone: { ring: SQUARE.slice(0, 2) } }),
      expected: ['content.audience.zone'],
    },
    {
      says: 'a latitude of 120 is refused',
      given: audience({ everyone: false, zone: { ring: SQUARE.map((point) => ({ ...point, latitude: 120 })) } }),
      expected: ['content.audience.zone'],
    },
    {
      says: 'an attribute nobody knows is refused',
      given: audience({ everyone: false, attributes: [{ attribute: 'age', values: ['3'] }] }),
      expected: ['content.audience.attributes'],
    },
    { says: 'an expiry in the past is refused', given: () => ({ expiresAt: NOW }), expected: ['content.expires_at'] },
    { says: 'one in 30 days is taken', given: () => ({ expiresAt: NOW + 30 * DAY }), expected: [] },
    { says: 'one later is refused', given: () => ({ expiresAt: NOW + 30 * DAY + 1 }), expected: ['content.expires_at'] },
    { says: 'a start behind the expiry is refused', given: () => ({ scheduledAt: NOW + DAY }), expected: ['content.scheduled_at'] },
    { says: 'a start in the past is at once', given: () => ({ scheduledAt: NOW - DAY }), expected: [] },
  ];
  it.each(rows)('$says', ({ given, expected }) => {
    expect(violations(content(given))).toEqual(expected);
  });

  it('names the unknown variable', () => {
    expect(() => checkContent(content(body('{{ phone }}')), (channel) => MANIFESTS.get(channel), NOW)).toThrow('unknown variable "phone"');
  });

  it('fills in the mode, the purpose and the language', () => {
    const full = content(() => ({}));
    expect([full.mode, full.purpose, full.messages[0]?.language]).toEqual([Mode.PARALLEL, 'alert', 'fr']);
  });
});
