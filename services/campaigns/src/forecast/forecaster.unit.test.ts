import { describe, expect, it } from 'vitest';
import { Campaign, CampaignState, type ChannelUnits } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import type { TocsinError } from '@tocsin/errors';
import { completesAfterExpiry, judgeLate, type LateVerdict } from '../core/late-release.js';
import { Forecaster } from './forecaster.js';

const NOW = 1_764_000_000_000;
const MINUTE = 60_000;
const TERMS = { weight: 1, limits: undefined };

interface Row {
  readonly id: string;
  readonly tenant?: string;
  readonly units: number;
  readonly lane?: Lane;
  readonly paused?: boolean;
}

function backlog(channel: string, rate: number, rows: readonly Row[] = [], at = NOW): ChannelBacklog {
  const lanes = [Lane.LIFE_SAFETY, Lane.URGENT, Lane.STANDARD, Lane.BULK].map((lane) => ({
    lane,
    tenants: rows
      .filter((row) => (row.lane ?? Lane.STANDARD) === lane)
      .map(({ id, tenant = id, units, paused = false }) => ({
        tenantId: tenant,
        weight: 1,
        campaigns: [{ campaignId: id, units, paused, pace: 0 }],
      })),
  }));
  return ChannelBacklog.fromPartial({ channel, at, rate, lanes } as never);
}

function campaign(
  change: Partial<Campaign> = {},
  channels: Partial<ChannelUnits>[] = [{ channel: 'sms', recipients: 1_000, units: 2_000 }],
): Campaign {
  return Campaign.fromPartial({
    campaignId: 'mine',
    tenantId: 'me',
    lane: Lane.STANDARD,
    state: CampaignState.DRAFT,
    channels: channels.map(({ channel }) => channel),
    expiresAt: NOW + 10 * MINUTE,
    estimate: { channels: channels.map((row) => ({ unitsWithoutAccents: row.units, ...row })) },
    ...change,
  } as never);
}

function world(...backlogs: ChannelBacklog[]): {
  forecaster: Forecaster;
  clock: { now: number };
  held: Set<string>;
  say: (next: ChannelBacklog) => void;
} {
  const known = new Map(backlogs.map((one) => [one.channel, one]));
  const clock = { now: NOW };
  const held = new Set<string>();
  const forecaster = new Forecaster({
    backlogOf: (channel) => known.get(channel),
    isHeld: ({ channel, lane }) => held.has(`${channel} ${lane}`),
    now: () => clock.now,
  });
  const say = (next: ChannelBacklog): void => {
    known.set(next.channel, next);
    forecaster.heard(next);
  };
  return { forecaster, clock, held, say };
}

const seconds = (at: number | undefined): number => ((at ?? NaN) - NOW) / 1_000;

describe('what a release would become', () => {
  it('shares the channel with what runs, and is as late as its latest channel', () => {
    const { forecaster } = world(backlog('sms', 100, [{ id: 'city', units: 90_000 }]), backlog('email', 200));
    const both = [
      { channel: 'sms', recipients: 1_000, units: 1_000 },
      { channel: 'email', recipients: 1_000, units: 1_000 },
    ];
    const forecast = forecaster.foresee(campaign({}, both), TERMS);
    expect(forecast?.channels.map(({ channel, p50 }) => [channel, Math.round(seconds(p50))])).toEqual([
      ['sms', 19],
      ['email', 5],
    ]);
    expect(Math.round(seconds(forecast?.p50))).toBe(19);
    expect(forecast?.late).toBe(false);
  });

  it('nobody can say without a word of the channel, or without a provider; one unknown channel is named', () => {
    expect(world().forecaster.foresee(campaign(), TERMS)).toBeUndefined();
    expect(world(backlog('sms', 0)).forecaster.foresee(campaign(), TERMS)).toBeUndefined();
    const both = [
      { channel: 'sms', recipients: 10, units: 10 },
      { channel: 'fax', recipients: 10, units: 10 },
    ];
    expect(world(backlog('sms', 100)).forecaster.foresee(campaign({}, both), TERMS)?.unknownChannels).toEqual(['fax']);
  });

  it('nobody can say until when operators hold it on a channel, before its release or after', () => {
    const both = [
      { channel: 'sms', recipients: 10, units: 10 },
      { channel: 'email', recipients: 10, units: 10 },
    ];
    const { forecaster, held } = world(backlog('sms', 100, [{ id: 'mine', units: 10 }]), backlog('email', 100));
    held.add(`sms ${Lane.BULK}`);
    expect(forecaster.foresee(campaign({}, both), TERMS)?.unknownChannels).toEqual([]);
    held.add(`sms ${Lane.STANDARD}`);
    expect(forecaster.foresee(campaign({}, both), TERMS)?.unknownChannels).toEqual(['sms']);
    const running = campaign({ state: CampaignState.RUNNING } as never);
    expect(forecaster.running(running)).toBeUndefined();
    held.clear();
    expect(forecaster.running(running)).toBeDefined();
  });

  it('a draft that nobody has previewed says nothing', () => {
    expect(world(backlog('sms', 100)).forecaster.foresee(campaign({ estimate: undefined }), TERMS)).toBeUndefined();
  });

  it('paused campaigns take nothing from it', () => {
    const held = world(backlog('sms', 100, [{ id: 'held', units: 90_000, paused: true }]));
    const idle = world(backlog('sms', 100));
    expect(held.forecaster.foresee(campaign(), TERMS)).toEqual(idle.forecaster.foresee(campaign(), TERMS));
  });

  it('a lane below takes nothing, unless it has a floor', () => {
    const rows = [{ id: 'news', units: 90_000, lane: Lane.BULK }];
    const strict = backlog('sms', 100, rows);
    const floored = ChannelBacklog.fromPartial({
      ...strict,
      lanes: strict.lanes.map((row) => ({ ...row, floor: row.lane === Lane.BULK ? 0.2 : 0 })),
    } as never);
    const [alone, beside, kept] = [backlog('sms', 100), strict, floored].map(
      (one) => world(one).forecaster.foresee(campaign(), TERMS)?.p50 ?? NaN,
    );
    expect(beside).toBe(alone);
    expect(seconds(kept)).toBeGreaterThan(seconds(alone) * 1.2);
  });

  it('a release a moment before counts, until its channel has named it or should have', () => {
    const alone = world(backlog('sms', 100)).forecaster.foresee(campaign(), TERMS);
    const { forecaster, clock, say } = world(backlog('sms', 100));
    const other = campaign({ campaignId: 'other', tenantId: 'them' });
    forecaster.begin(other, TERMS, forecaster.foresee(other, TERMS));
    expect(seconds(forecaster.foresee(campaign(), TERMS)?.p50)).toBeGreaterThan(seconds(alone?.p50) * 1.8);
    say(backlog('sms', 100, [{ id: 'other', tenant: 'them', units: 2_000 }]));
    expect(seconds(forecaster.foresee(campaign(), TERMS)?.p50)).toBeGreaterThan(seconds(alone?.p50) * 1.8);
    clock.now = NOW + 1_000;
    say(backlog('sms', 100, [], NOW + 1_000));
    expect((forecaster.foresee(campaign(), TERMS)?.p50 ?? NaN) - clock.now).toBeCloseTo((alone?.p50 ?? NaN) - NOW, -2);
  });
});

describe('what runs', () => {
  const running = campaign({ state: CampaignState.RUNNING });

  it('has the band of what is left of it', () => {
    const { forecaster, say } = world(backlog('sms', 100, [{ id: 'mine', tenant: 'me', units: 1_000 }]));
    expect(Math.round(seconds(forecaster.running(running)?.p50))).toBe(10);
    say(backlog('sms', 100, [{ id: 'mine', tenant: 'me', units: 500 }]));
    expect(Math.round(seconds(forecaster.running(running)?.p50))).toBe(5);
  });

  it('says when it will be late, and nothing once all is handed over or while it is held', () => {
    const { forecaster, say } = world(backlog('sms', 1, [{ id: 'mine', tenant: 'me', units: 2_000 }]));
    expect(forecaster.running(running)?.late).toBe(true);
    expect(forecaster.running({ ...running, state: CampaignState.PAUSED })).toBeUndefined();
    say(backlog('sms', 1));
    expect(forecaster.running(running)).toBeUndefined();
  });

  it('beside thousands its band is computed again after as many ms as there are tenants, whatever is told meanwhile', () => {
    const others = Array.from({ length: 1_999 }, (_, at) => ({ id: `other ${at}`, units: 1_000 }));
    const mine = (units: number, at: number): ChannelBacklog => backlog('sms', 1_000, [{ id: 'mine', tenant: 'me', units }, ...others], at);
    const { forecaster, clock, say } = world(mine(900, NOW));
    const first = forecaster.running(running)?.p50 ?? NaN;
    clock.now = NOW + 1_900;
    say(mine(10, clock.now));
    expect(forecaster.running(running)?.p50).toBe(first);
    clock.now = NOW + 2_001;
    expect(forecaster.running(running)?.p50).toBeLessThan(first);
    clock.now = NOW;
    say(mine(900, clock.now));
    expect(forecaster.running(running)?.p50).toBe(first);
  });

  it('is as late as the quotas of its tenant, before it runs and while it does, and names what fits them', () => {
    const limits = { lifeSafetyUnits: 0, quotas: [{ channel: 'sms', unitsPerDay: 0, unitsPerMinute: 60 }] };
    const { forecaster, say } = world(backlog('sms', 100));
    const foreseen = forecaster.foresee(campaign(), { weight: 1, limits });
    expect(seconds(foreseen?.p50)).toBeGreaterThan(1_900);
    expect(foreseen?.late).toBe(true);
    expect(foreseen?.recipientsInTime).toBeGreaterThan(250);
    expect(foreseen?.recipientsInTime).toBeLessThan(300);
    const running = backlog('sms', 100, [{ id: 'mine', tenant: 'me', units: 1_000 }]);
    say({ ...running, quotas: [{ tenantId: 'me', quotas: [{ units: 400, perSecond: 1 }] }] });
    expect(seconds(forecaster.running(campaign({ state: CampaignState.RUNNING }))?.p50)).toBeCloseTo(600 * 0.97, 0);
  });

  it('right after its release it has what was foreseen', () => {
    const { forecaster } = world(backlog('sms', 100));
    const forecast = forecaster.foresee(campaign(), TERMS);
    forecaster.begin(campaign(), TERMS, forecast);
    expect(forecaster.running(running)).toEqual(forecast);
  });
});

describe('what would be complete after its expiry', () => {
  const city = { id: 'city', units: 900_000 };
  const late = campaign({ expiresAt: NOW + MINUTE }, [
    { channel: 'sms', recipients: 1_000, units: 4_000, unitsWithoutAccents: 2_000 },
    { channel: 'email', recipients: 500, units: 500 },
  ]);
  const { forecaster } = world(backlog('sms', 100, [city]), backlog('email', 200));
  const forecast = forecaster.foresee(late, TERMS);
  const refusal = (): TocsinError => {
    if (!forecast) throw new Error('nothing foreseen');
    return completesAfterExpiry(late, forecast, forecaster.remedies(late, TERMS, forecast));
  };

  it('names the recipients who fit: half the rate for a minute, less its margins', () => {
    expect(forecast?.late).toBe(true);
    expect(forecast?.recipientsInTime).toBeGreaterThan(580);
    expect(forecast?.recipientsInTime).toBeLessThan(750);
  });

  it('is refused with remedies that would do, each foreseen', () => {
    const { metadata, message, code } = refusal();
    expect(code).toBe('FAILED_PRECONDITION');
    expect(metadata).toMatchObject({ channels_in_time: 'email', lane_that_fits: 'urgent', without_accents: 'true' });
    expect(metadata['without_pace']).toBeUndefined();
    expect(message).toContain('the lane urgent, where it is right');
    const patient = { ...late, expiresAt: Number(metadata['expiry_that_fits']) };
    expect(forecaster.foresee(patient, TERMS)?.late).toBe(false);
    const fewer = campaign({ expiresAt: late.expiresAt }, [
      { channel: 'sms', recipients: Number(metadata['recipients_in_time']), units: 4 * Number(metadata['recipients_in_time']) },
    ]);
    expect(forecaster.foresee(fewer, TERMS)?.late).toBe(false);
  });

  it('a life-safety campaign is warned of, not held back, while anybody is reached in time', () => {
    const lives = { ...late, lane: Lane.LIFE_SAFETY };
    if (!forecast) throw new Error('nothing foreseen');
    const nobody = { ...forecast, recipientsInTime: 0, channels: forecast.channels.filter(({ channel }) => channel === 'sms') };
    expect(judgeLate(late, forecast, () => 1_000)).toBe('refused');
    expect(judgeLate(lives, nobody, () => 1)).toBe('warned');
    expect(judgeLate(lives, nobody, () => 0)).toBe('refused');
    expect(judgeLate(late, undefined, () => 0)).toBe('in-time');
  });

  describe('a life-safety campaign with a channel that reaches nobody in time', () => {
    const lives = campaign({ lane: Lane.LIFE_SAFETY, expiresAt: NOW + MINUTE }, [
      { channel: 'voice', recipients: 1_000, units: 40_000 },
      { channel: 'sms', recipients: 1_000, units: 1_000 },
    ]);
    const voice = backlog('voice', 1, [{ id: 'other alert', units: 900_000, lane: Lane.LIFE_SAFETY }]);
    const rows: { label: string; others: ChannelBacklog[]; verdict: LateVerdict }[] = [
      { label: 'goes where another is in time', others: [backlog('sms', 100)], verdict: 'warned' },
      { label: 'goes where another reaches some', others: [backlog('sms', 10)], verdict: 'warned' },
      { label: 'goes where nobody can say of another', others: [], verdict: 'warned' },
      { label: 'is refused where the other reaches nobody either', others: [backlog('sms', 0.01)], verdict: 'refused' },
    ];
    it.each(rows)('$label', ({ others, verdict }) => {
      const { forecaster: foresees } = world(voice, ...others);
      const foreseen = foresees.foresee(lives, TERMS);
      expect(foreseen?.recipientsInTime).toBe(0);
      expect(judgeLate(lives, foreseen, () => (foreseen ? foresees.mostInTime(lives, TERMS, foreseen) : 0))).toBe(verdict);
    });
  });

  it('life-safety is never a remedy', () => {
    const urgent = { ...late, lane: Lane.URGENT };
    const busy = world(backlog('sms', 100, [{ ...city, lane: Lane.URGENT }]), backlog('email', 200));
    const foreseen = busy.forecaster.foresee(urgent, TERMS);
    expect(foreseen?.late).toBe(true);
    expect(foreseen && busy.forecaster.remedies(urgent, TERMS, foreseen).laneThatFits).toBeUndefined();
  });
});
