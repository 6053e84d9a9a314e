import { describe, expect, it } from 'vitest';
import { Campaign, CampaignType, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { changedContent, contentOf, type ContentOptions } from './content-options.js';
import { readContent, type ContentFile } from './content-json.js';

const NOW = Date.UTC(2026, 10, 25);
const FILE: ContentFile = {
  title: 'Crue',
  lane: 'life-safety',
  audience: { groups: ['quai'] },
  messages: [{ channel: 'sms', body: 'Montez.' }],
  channels: ['sms'],
  expiresAt: '+2h',
};
const OPTIONS: ContentOptions = {
  title: 'Crue',
  lane: 'urgent',
  expires: '+90min',
  message: ['sms=Montez.', 'email=Montez.\\nVite.'],
  group: ['quai'],
};

describe('a campaign from a file', () => {
  it('takes names for enums, times from now, and French defaults', () => {
    expect(readContent(FILE, NOW)).toMatchObject({
      lane: Lane.LIFE_SAFETY,
      type: CampaignType.ALERT,
      status: Status.ACTUAL,
      mode: Mode.PARALLEL,
      purpose: 'alert',
      expiresAt: NOW + 7_200_000,
      scheduledAt: 0,
      audience: { register: RegisterKind.GENERAL, everyone: false, groups: ['quai'] },
      messages: [{ language: 'fr' }],
    });
  });

  it('takes a pace as a length of time or as a number a minute', () => {
    expect(readContent({ ...FILE, pace: { spread: '90min' } }, NOW).pace).toEqual({ spreadSeconds: 5_400, perMinute: 0 });
    expect(readContent({ ...FILE, pace: { perMinute: 60 } }, NOW).pace).toEqual({ spreadSeconds: 0, perMinute: 60 });
    expect(readContent(FILE, NOW).pace).toBeUndefined();
    expect(() => readContent({ ...FILE, pace: { spread: 'slowly' } }, NOW)).toThrow('pace.spread must be a length of time');
  });

  it('takes a pace by option, keeps it in an update, and drops it when told', () => {
    const spread = { spreadSeconds: 7_200, perMinute: 0 };
    expect(contentOf({ ...OPTIONS, spread: '2h' }, NOW).pace).toEqual(spread);
    expect(contentOf({ ...OPTIONS, perMinute: '60' }, NOW).pace).toEqual({ spreadSeconds: 0, perMinute: 60 });
    expect(() => contentOf({ ...OPTIONS, spread: '2h', perMinute: '60' }, NOW)).toThrow('not both');
    const draft = Campaign.fromPartial({ ...(contentOf(OPTIONS, NOW) as object), pace: spread });
    expect(changedContent(draft, { title: 'Autre' }, NOW).pace).toEqual(spread);
    expect(changedContent(draft, { perMinute: '5' }, NOW).pace).toEqual({ spreadSeconds: 0, perMinute: 5 });
    expect(changedContent(draft, { spread: '0s' }, NOW).pace).toBeUndefined();
  });

  it('reads a zone as GeoJSON has it: longitude first', () => {
    const ring: [number, number][] = [
      [1.9, 47.9],
      [2, 47.9],
      [2, 48],
      [1.9, 47.9],
    ];
    const alone = { type: 'Polygon', coordinates: [ring] } as const;
    const feature = { type: 'Feature', geometry: alone } as const;
    const shapes = [
      alone,
      feature,
      { type: 'FeatureCollection', features: [feature] },
      { type: 'Feature', geometry: { type: 'MultiPolygon', coordinates: [[ring]] } },
    ];
    for (const zone of shapes) {
      const content = readContent({ ...FILE, audience: { zone } }, NOW);
      expect(content.audience?.zone?.ring[0]).toEqual({ latitude: 47.9, longitude: 1.9 });
      expect(content.audience?.zone?.ring).toHaveLength(4);
    }
  });

  it.each([
    ['a misspelt field', { ...FILE, mesages: [] }, /mesages/],
    ['a lane that does not exist', { ...FILE, lane: 'highest' }, /life-safety, urgent, standard, bulk/],
    ['a time nobody can read', { ...FILE, expiresAt: 'tomorrow' }, /expiresAt/],
    ['a polygon with a hole', { ...FILE, audience: { zone: { type: 'Polygon', coordinates: [[], []] } } }, /zone/],
    ['two polygons', { ...FILE, audience: { zone: { type: 'FeatureCollection', features: [{}, {}] } } }, /zone/],
    ['no polygon at all', { ...FILE, audience: { zone: { type: 'FeatureCollection', features: [] } } }, /zone/],
    ['no words', { ...FILE, messages: undefined }, /messages/],
    ['not an object', 'hello', /campaign/],
  ])('%s is said', (_label, value, expected) => {
    expect(() => readContent(value, NOW)).toThrow(expected);
  });
});

describe('a draft that is changed', () => {
  const draft = Campaign.fromPartial({
    ...(contentOf({ ...OPTIONS, subject: ['email=Crue'], mode: 'order', at: '2026-12-01T08:00:00Z' }, NOW) as object),
    campaignId: 'cmp_1',
  });

  it('keeps what is not given, the time among it', () => {
    expect(changedContent(draft, {}, NOW + 5)).toEqual(CampaignContent.fromPartial(contentOfCampaign(draft)));
    const later = changedContent(draft, { at: '2026-12-02T08:00:00Z' }, NOW);
    expect(later).toEqual({ ...changedContent(draft, {}, NOW), scheduledAt: Date.UTC(2026, 11, 2, 8) });
  });

  it('takes an audience or words that are given whole', () => {
    expect(changedContent(draft, { everyone: true }, NOW).audience).toMatchObject({ everyone: true, groups: [] });
    const words = changedContent(draft, { message: ['sms=Descendez.'] }, NOW);
    expect(words.messages.map(({ channel, body }) => [channel, body])).toEqual([['sms', 'Descendez.']]);
    expect(words.channels).toEqual(['sms']);
    expect(words.audience).toEqual(draft.audience);
    const subject = changedContent(draft, { subject: ['email=Crue de la Loire'] }, NOW);
    expect(subject.messages.map((row) => [row.subject, row.body])).toEqual([
      ['', 'Montez.'],
      ['Crue de la Loire', 'Montez.\nVite.'],
    ]);
  });

  function contentOfCampaign({ title, type, status, lane, audience, messages, channels, mode, purpose, expiresAt, scheduledAt }: Campaign) {
    return { title, type, status, lane, audience, messages, channels, mode, purpose, expiresAt, scheduledAt } as object;
  }
});

describe('a campaign from options', () => {
  it('takes its channels from its messages, in their order', () => {
    const content = contentOf(
      {
        ...OPTIONS,
        subject: ['email=Crue de la Loire'],
        attribute: ['insee_code=45234,45147'],
        excludeContact: ['con_0_1'],
        everyone: false,
      },
      NOW,
    );
    expect(content.channels).toEqual(['sms', 'email']);
    expect(content.messages.map((row) => [row.channel, row.subject, row.body])).toEqual([
      ['sms', '', 'Montez.'],
      ['email', 'Crue de la Loire', 'Montez.\nVite.'],
    ]);
    expect(content.audience).toMatchObject({
      groups: ['quai'],
      attributes: [{ attribute: 'insee_code', values: ['45234', '45147'] }],
      excludeContactIds: ['con_0_1'],
    });
    expect(content.expiresAt).toBe(NOW + 5_400_000);
  });

  it('never means everyone by leaving something out', () => {
    const { group: _group, ...without } = OPTIONS;
    expect(contentOf(without, NOW).audience?.everyone).toBe(false);
  });

  it.each([
    ['no expiry', { ...OPTIONS, expires: undefined }],
    ['no words', { ...OPTIONS, message: [] }],
    ['words without a channel', { ...OPTIONS, message: ['Montez.'] }],
    ['a zone file that is not there', { ...OPTIONS, zone: '/nowhere/zone.json' }],
  ])('%s is a command written wrongly', (_label, options) => {
    expect(() => contentOf(options as ContentOptions, NOW)).toThrow(expect.objectContaining({ name: 'UsageError' }) as Error);
  });
});
