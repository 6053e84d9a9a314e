import { setTimeout as wait } from 'node:timers/promises';
import { waitUntil } from '@tocsin/testing';
import { watchCampaign } from '../../../stack/dist/job/watch-campaign.js';
import { describeMachine } from '../machine.js';
import { prepareCampaign, releaseCampaign, type ReadyCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { World } from '../world/world.js';
import { readReceiptsOptions, type ReceiptsOptions } from './options.js';
import { makeReceiptsResult, type Phase, type ReceiptsFacts, type Tallied } from './receipts-result.js';

/** Each receipt comes so often. */
const COPIES = 3;
/** Part of them that report a failure, so that a tally can be wrong. */
const UNDELIVERABLE = 0.05;
/** What the route sends a second; the city that goes out at it is the stock of the storms, and nothing is measured meanwhile. */
const RATE = 500;
const COMMUNE_CONTACTS = 20;
/** Set-up, sixty thousand messages and four rounds take some seven minutes. */
const LIMIT_MS = 15 * 60_000;
/** Everything is counted so long after the last receipt at the latest, ms. */
const COUNTED_MS = 120_000;
/** Between two phases, ms. */
const SETTLE_MS = 2_000;

/** Receipts of a city, shuffled and tripled, as fast as the machine takes them, beside communes that are alerted. Answers the exit code. */
export async function receiptsBench(args: readonly string[]): Promise<number> {
  const options = readReceiptsOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  // Nothing is closed for want of a receipt while they are kept back.
  const settings = {
    TOCSIN_CHANNEL_SMS_RATE: String(RATE),
    TOCSIN_CHANNEL_SMS_RECEIPT_TIMEOUT_MS: '3600000',
    ...(options.limit === undefined ? {} : { TOCSIN_CHANNEL_SMS_RECEIPTS_PER_SECOND: String(options.limit) }),
  };
  const result = await World.use({ settings, say, limitMs: LIMIT_MS }, async (world) =>
    makeReceiptsResult(await measure(world, options, say)),
  );
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

async function measure(world: World, options: ReceiptsOptions, say: (line: string) => void): Promise<ReceiptsFacts> {
  const begun = performance.now();
  const [city, commune] = await world.createTenants([
    { name: 'Ville', contacts: options.contacts },
    { name: 'Commune', contacts: COMMUNE_CONTACTS },
  ]);
  if (!city || !commune) throw new Error('both have just been created');
  await world.turnSms({ rate: RATE * 2, holdReceipts: true, undeliverableRate: UNDELIVERABLE, receiptMinMs: 0, receiptMaxMs: 20 });
  const stock = await prepareCampaign(city);
  await releaseCampaign(stock);
  if (!(await world.sms.untilAccepted(stock.campaignId, stock.units, LIMIT_MS))) throw new Error('The city did not go out in time.');
  const setUpSeconds = (performance.now() - begun) / 1_000;
  say(`${stock.units} receipts are kept back after ${setUpSeconds.toFixed(0)} s.`);

  const campaigns: ReadyCampaign[] = [stock];
  const phases: Phase[] = [];
  const perStorm = Math.ceil(options.contacts / options.rounds);
  // The first commune finds everything cold.
  await alertOnce(world, commune, campaigns);
  for (let round = 0; round < options.rounds; round++) {
    for (const storm of round % 2 === 0 ? [false, true] : [true, false]) {
      await wait(SETTLE_MS);
      phases.push(await phase(world, commune, campaigns, options.seconds, storm ? perStorm : 0));
      const { receipts, seconds } = phases.at(-1) ?? { receipts: 0, seconds: 1 };
      say(storm ? `Storm: ${receipts} receipts, ${Math.round(receipts / seconds)}/s.` : 'Calm.');
    }
  }
  // The last commune's receipts are kept back by now.
  await wait(SETTLE_MS);
  await world.askSms('/receipts', { count: 1_000_000, copies: COPIES });
  await allTaken(world);
  const tallied: Tallied[] = [];
  for (const campaign of campaigns) tallied.push(await tallyOf(campaign));
  const { heldFailed } = await world.askSms('/stats');
  return {
    machine: describeMachine(),
    ground: world.ground,
    setUpSeconds,
    copies: COPIES,
    phases,
    tallied,
    reportedFailed: Number(heldFailed),
  };
}

/** Communes one after the other for so long, beside so many receipts; a storm that outlasts the phase is waited for, and only its rate counts it. */
async function phase(world: World, commune: WorldTenant, campaigns: ReadyCampaign[], seconds: number, receipts: number): Promise<Phase> {
  const before = Number((await world.askSms('/stats'))['stormTaken']);
  const begun = performance.now();
  const waits: number[] = [];
  if (receipts > 0) await world.askSms('/receipts', { count: receipts, copies: COPIES });
  let over = receipts === 0;
  const storm = over ? Promise.resolve() : allTaken(world).then(() => void (over = true));
  let stormSeconds = 0;
  void storm.then(() => (stormSeconds = (performance.now() - begun) / 1_000));
  // A storm is measured while it lasts; calm for as long as asked.
  const spent = await world.spent(async () => {
    while (receipts > 0 ? !over : performance.now() - begun < seconds * 1_000) waits.push(...(await alertOnce(world, commune, campaigns)));
  });
  await storm;
  const taken = Number((await world.askSms('/stats'))['stormTaken']) - before;
  return { storm: receipts > 0, waits, receipts: taken, seconds: receipts > 0 ? stormSeconds : seconds, spent };
}

/** Alerts the commune, and answers how long each message took from the release call to the provider's acceptance, ms. */
async function alertOnce(world: World, commune: WorldTenant, campaigns: ReadyCampaign[]): Promise<number[]> {
  const campaign = await prepareCampaign(commune);
  campaigns.push(campaign);
  const { calledAt } = await releaseCampaign(campaign);
  if (!(await world.sms.untilAccepted(campaign.campaignId, campaign.units, LIMIT_MS))) throw new Error('A commune did not go out in time.');
  return world.sms.of(campaign.campaignId).map(({ at }) => at - calledAt);
}

async function allTaken(world: World): Promise<void> {
  await waitUntil(
    'every receipt to be taken',
    async () => {
      const { stormSent, stormTaken } = await world.askSms('/stats');
      return Number(stormTaken) >= Number(stormSent);
    },
    LIMIT_MS,
    100,
  );
}

async function tallyOf({ tenant, campaignId, recipients }: ReadyCampaign): Promise<Tallied> {
  const ended = watchCampaign(tenant.agent, tenant.tenantId, campaignId, () => undefined);
  const campaign = await Promise.race([ended, wait(COUNTED_MS, undefined)]);
  const tally = campaign?.tally;
  const sms = tally?.channels.find(({ channel }) => channel === 'sms');
  return {
    recipients,
    delivered: sms?.onDevice ?? 0,
    failed: sms?.failed ?? 0,
    open: tally ? tally.pending : recipients,
  };
}
