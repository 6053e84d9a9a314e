import { describe, expect, it } from 'vitest';
import { Campaign, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { ChannelEstimate } from '@tocsin/contracts/subscribers/v1/audience';
import { demandsOf, estimateOf } from './release-demand.js';

const row = (channel: string, recipients: number, cost: number): ChannelEstimate =>
  ChannelEstimate.fromPartial({ channel, recipients, cost });
const counted = [row('sms', 800, 1_600), row('email', 600, 600)];

describe('what a release asks of its channels', () => {
  it('all at once: every delivery on every channel', () => {
    const { channels } = estimateOf({ channels: ['sms', 'email'], mode: Mode.PARALLEL }, 1_000, counted, [row('sms', 800, 800)]);
    expect(channels).toEqual([
      { channel: 'sms', recipients: 800, units: 1_600, unitsWithoutAccents: 800 },
      { channel: 'email', recipients: 600, units: 600, unitsWithoutAccents: 600 },
    ]);
  });

  it('one after the other: the next channel first tries only whom the one before cannot reach', () => {
    const { channels } = estimateOf({ channels: ['sms', 'email'], mode: Mode.ORDER }, 1_000, counted, []);
    expect(channels.map(({ channel, recipients, units }) => [channel, recipients, units])).toEqual([
      ['sms', 800, 1_600],
      ['email', 200, 200],
    ]);
  });

  it.each([
    ['no pace', undefined, 0],
    ['a spread: the whole over its time', { spreadSeconds: 160, perMinute: 0 }, 10],
    ['hand-overs a minute, each of two units here', { spreadSeconds: 0, perMinute: 120 }, 4],
  ])('%s', (_, pace, expected) => {
    const estimate = estimateOf({ channels: ['sms'], mode: Mode.PARALLEL }, 800, counted, []);
    expect(demandsOf(Campaign.fromPartial({ estimate, pace } as never)).map((demand) => demand.pace)).toEqual([expected]);
  });

  it('nothing is asked where nothing was counted', () => expect(demandsOf(Campaign.fromPartial({}))).toEqual([]));
});
