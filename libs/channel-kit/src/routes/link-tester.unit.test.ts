import { describe, expect, it } from 'vitest';
import { createLogger, createMetrics } from '@tocsin/observability';
import type { LinkTest, RouteDriver, Submission, SubmitAnswer } from '../channel.js';
import { NO_FIGURES } from '../figures.fixture.test.js';
import { channelMetrics } from '../metrics.js';
import { LinkTester } from './link-tester.js';

/** Two routes, of which the second is a standby with a number for test messages; a clock that is set; and whether this instance has share 0. */
function world(first = true) {
  let now = 1_000;
  let link: LinkTest = { ok: true, code: '' };
  let answer: SubmitAnswer = { kind: 'accepted', providerIds: ['7'], code: '' };
  const sent: Submission[] = [];
  const proven: string[] = [];
  const driver = (routeId: string, change: Partial<RouteDriver>): RouteDriver => ({
    routeId,
    provider: 'p',
    ratePerSecond: 1,
    window: 1,
    start: () => Promise.resolve(),
    setShares: () => Promise.resolve(),
    bound: () => true,
    submit: (submission) => {
      sent.push(submission);
      return Promise.resolve(answer);
    },
    stop: () => Promise.resolve(),
    ...change,
  });
  const drivers = [
    driver('main', { testLink: () => Promise.resolve(link) }),
    driver('spare', { testLink: () => Promise.reject(new Error('broken')), terms: { standby: true, testAddress: '+33639980000' } }),
  ];
  const metrics = createMetrics();
  const tester = new LinkTester({
    channel: 'any',
    drivers,
    clock: { now: () => now, monotonic: () => now },
    logger: createLogger({ service: 'test', instanceId: 'test', level: 'error' }),
    metrics: channelMetrics(metrics, ['main', 'spare'], NO_FIGURES),
    linkEveryMs: 30_000,
    messageEveryMs: 900_000,
    sendsMessages: () => first,
    compose: () => ({ rendered: { subject: '', body: 'test', cost: 1 }, addressHash: Buffer.alloc(16) }),
    proven: ({ routeId }) => void proven.push(routeId),
  });
  const value = async (series: string): Promise<number> =>
    Number(
      (await metrics.text())
        .split('\n')
        .find((line) => line.startsWith(`tocsin_channel_link_${series} `))
        ?.split(' ')[1] ?? Number.NaN,
    );
  return {
    tester,
    sent,
    proven,
    value,
    say: (said: { readonly link?: LinkTest; readonly answer?: SubmitAnswer }) => ({ link = link, answer = answer } = said),
    at: async (ms: number) => {
      now = ms;
      tester.look();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('link tests', () => {
  it('go over every route at once and then at their interval, standbys included', async () => {
    const { at, value } = world();
    await at(1_000);
    await at(20_000);
    await at(31_000);
    expect(await value('tests_total{route="main",kind="link",outcome="ok"}')).toBe(2);
    expect(await value('tests_total{route="spare",kind="link",outcome="failed"}')).toBe(2);
    expect(await value('test_ok{route="spare",kind="link"}')).toBe(0);
  });

  it('tell how long a route has not passed one, so that an idle standby that is broken is found out', async () => {
    const { at, value, say } = world();
    await at(1_000);
    say({ link: { ok: false, code: 'NO_ANSWER' } });
    await at(31_000);
    await at(61_000);
    expect(await value('test_age_seconds{route="main",kind="link"}')).toBe(60);
    expect(await value('test_age_seconds{route="spare",kind="link"}')).toBe(60);
    // Not tested in this way: no number is set.
    expect(await value('test_age_seconds{route="main",kind="message"}')).toBe(0);
  });

  it('send a message of no campaign and no tenant where a number is set, from one instance only', async () => {
    const { at, sent, proven, value } = world();
    await at(1_000);
    await at(800_000);
    await at(902_000);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({
      address: '+33639980000',
      tenantId: '',
      campaignId: '',
      purpose: 'link-test',
      possibleDuplicate: false,
    });
    expect(sent[0]?.deliveryId).toMatch(/^link-test\.spare\./);
    expect(new Set(sent.map(({ deliveryId }) => deliveryId)).size).toBe(2);
    expect(proven).toEqual(['spare', 'spare']);
    expect(await value('tests_total{route="spare",kind="message",outcome="ok"}')).toBe(2);
    const other = world(false);
    await other.at(1_000);
    expect(other.sent).toEqual([]);
  });

  it('keep the receipts of their messages to themselves', async () => {
    const { at, tester, value } = world();
    await at(1_000);
    const receipt = { providerId: '7', state: 'delivered', reason: '', code: '', occurredAt: 0 } as const;
    expect(tester.took('p', { ...receipt, providerId: '8' })).toBe(false);
    expect(tester.took('p', receipt)).toBe(true);
    expect(await value('test_receipts_total{route="spare",state="delivered"}')).toBe(1);
  });

  it('count a message that was not taken as failed, and prove nothing by it', async () => {
    const { at, proven, value, say } = world();
    say({ answer: { kind: 'in-doubt', code: 'BIND_LOST' } });
    await at(1_000);
    expect(proven).toEqual([]);
    expect(await value('test_ok{route="spare",kind="message"}')).toBe(0);
  });
});
