import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, newMunicipality, registerOf, type Municipality } from './municipality.js';
import { startStack, type LedgerLine, type RunningStack } from './stack.js';

/** Half a minute of the stand-in at this rate: the city goes on while the others meet their limits. */
const CITY = 6_000;
const RATE = 200;
const DESK = 120;
const LOUD = 300;
const QUOTA = 100;
/** ms a process may take to get somewhere on a machine that does much else. */
const SETTLES_MS = 60_000;

interface Shown {
  readonly state: string;
  readonly notices: readonly { readonly reason: string; readonly channel: string }[];
}

describe('limits and paces, set with the command line; the ledger of the stand-in is the judge', () => {
  let stack: RunningStack;
  let city: Municipality;
  let desk: Municipality;
  let thrifty: Municipality;
  let loud: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_CHANNEL_SMS_RATE: String(RATE) });
    const named = (name: string) => newMunicipality(stack, name, { threshold: 100_000 });
    [city, desk, thrifty, loud] = await Promise.all([named('Ville Une'), named('Ville Deux'), named('Ville Trois'), named('Ville Quatre')]);
    await limit(thrifty, ['--quota', `sms=${QUOTA}/day`]);
    await limit(loud, ['--life-safety-units', String(LOUD)]);
    const sizes = [
      [city, CITY],
      [desk, DESK],
      [thrifty, 2 * QUOTA],
      [loud, LOUD],
    ] as const;
    for (const [town, size] of sizes) jsonOf(await stack.cli(['register', 'import', registerOf(size), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('each keeps to its own beside a city: a pace, a quota, a life-safety budget', async () => {
    const news = await released(city, ['--lane', 'standard']);
    await until(() => sent(news).length > 100);

    const paced = await released(desk, ['--lane', 'standard', '--per-minute', '600']);
    // Two days' quota do not go before its expiry, which its agent has to accept.
    await expect(released(thrifty, ['--lane', 'standard'])).rejects.toThrow(/COMPLETES_AFTER_EXPIRY|complete by/);
    const held = await released(thrifty, ['--lane', 'standard'], ['--accept-late']);
    const first = await released(loud, ['--lane', 'life-safety']);
    await until(() => sent(first).length === LOUD);
    const second = await released(loud, ['--lane', 'life-safety']);
    await until(() => sent(second).length === LOUD);

    // The first alert has the wire for itself; the second is beyond the budget and shares it with the city.
    expect(beside(first, news)).toBeLessThan(0.3 * LOUD);
    expect(beside(second, news)).toBeGreaterThan(0.5 * LOUD);
    await until(async () => (await show(loud, second)).notices.length > 0);
    expect((await show(loud, second)).notices).toMatchObject([{ reason: 'BEYOND_LIFE_SAFETY_BUDGET', channel: 'sms' }]);

    // 10 a second; what an alert held up in the channel, at most half a second's worth, follows at once.
    await until(() => sent(paced).length === DESK);
    expect(mostInASecond(sent(paced))).toBeLessThanOrEqual(18);
    expect(last(paced) - Math.min(...sent(paced).map(({ at }) => at))).toBeGreaterThanOrEqual(((DESK - 4) / 10) * 1_000);

    // What is beyond the quota waits, however long the city goes on.
    await until(() => sent(held).length >= QUOTA);
    expect(sent(held).length).toBeLessThanOrEqual(QUOTA + 2);
    await until(async () => (await show(thrifty, held)).notices.length > 0);
    expect(await show(thrifty, held)).toMatchObject({ state: 'running', notices: [{ reason: 'QUOTA_REACHED', channel: 'sms' }] });
    await limit(thrifty, ['--quota', 'sms=100000/day']);
    await until(() => sent(held).length === 2 * QUOTA);
  }, 180_000);

  async function limit({ tenantId }: Municipality, options: readonly string[]): Promise<void> {
    jsonOf(await stack.cli(['tenant', 'update', tenantId, ...options, '--json']));
  }

  /** Written, previewed and let go by one person; answers its id. */
  async function released(town: Municipality, options: readonly string[], accepting: readonly string[] = []): Promise<string> {
    const words = ['--title', 'Alerte', '--everyone', '--expires', '+2h', '--message', 'sms=Crue : montez.'];
    const made = jsonOf(await stack.cli(['campaign', 'create', ...words, ...options, '--json'], town.author));
    const { campaignId } = made['campaign'] as { campaignId: string };
    jsonOf(await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author));
    jsonOf(await stack.cli(['campaign', 'release', campaignId, ...accepting, '--json'], town.author));
    return campaignId;
  }

  async function show(town: Municipality, campaignId: string): Promise<Shown> {
    return jsonOf(await stack.cli(['campaign', 'show', campaignId, '--json'], town.author))['campaign'] as Shown;
  }

  function sent(campaignId: string): readonly LedgerLine[] {
    return stack.ledger('sms').filter((line) => line.deliveryId.startsWith(campaignId));
  }

  /** Lines of another campaign between the first and the last of one. */
  function beside(campaignId: string, other: string): number {
    const times = sent(campaignId).map(({ at }) => at);
    return sent(other).filter(({ at }) => at >= Math.min(...times) && at <= Math.max(...times)).length;
  }

  function last(campaignId: string): number {
    return Math.max(...sent(campaignId).map(({ at }) => at));
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + SETTLES_MS;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error('it did not come to that in time');
      await pause(200);
    }
  }
});

function mostInASecond(lines: readonly LedgerLine[]): number {
  const times = lines.map(({ at }) => at).sort((a, b) => a - b);
  let from = 0;
  return times.reduce((most, at, place) => {
    while ((times[from] ?? 0) <= at - 1_000) from += 1;
    return Math.max(most, place - from + 1);
  }, 0);
}
