import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accounted,
  fictionalMobile,
  jsonOf,
  newMunicipality,
  readyCampaign,
  registerOf,
  type Municipality,
  type TallyView,
} from './municipality.js';
import { startStack, type LedgerLine, type RunningStack } from './stack.js';

/** Eight seconds of the SMS stand-in: long enough to step in with the command line. */
const RESIDENTS = 4_000;
/** What the promises allow to leave after a stop or an expiry, ms. */
const GRACE_MS = 2_000;
const SMS_ONLY = ['--message', 'sms=Crue : montez.'];

interface Ended {
  readonly code: number;
  readonly state: string;
  readonly tally: TallyView;
  readonly handedOver: number;
}

describe('a campaign is held, resumed, ended and timed with the command line; the ledger of the stand-in is the judge', () => {
  let stack: RunningStack;
  let city: Municipality;
  let village: Municipality;

  beforeAll(async () => {
    stack = await startStack();
    city = await newMunicipality(stack, 'Ville de Saint-Fictif', { threshold: 100_000 });
    village = await newMunicipality(stack, 'Mairie de Sainte-Autre', { insee: '44190' });
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], city.author));
    jsonOf(await stack.cli(['register', 'import', registerOf(8, 5_000), '--json'], village.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('pause lets nothing more leave; a STOP said meanwhile holds on resume; everybody else is reached once', async () => {
    const id = await draft(city);
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], city.author));
    await until(() => sent(id).length > 100);
    jsonOf(await stack.cli(['campaign', 'pause', id, '--json'], city.author));
    await pause(GRACE_MS);
    const held = sent(id).length;
    const late = fictionalMobile(RESIDENTS - 1).replace(/^0/, '+33');
    expect(sent(id).map(({ to }) => to)).not.toContain(late);
    await say(late, 'STOP');
    await pause(GRACE_MS);
    expect(sent(id)).toHaveLength(held);
    expect(held).toBeLessThan(RESIDENTS);

    jsonOf(await stack.cli(['campaign', 'resume', id, '--json'], city.author));
    const ended = await watch(city, id);
    expect(ended).toMatchObject({ code: 0, state: 'finished' });
    expect(ended.tally).toMatchObject({ recipients: RESIDENTS, terminal: RESIDENTS, suppressed: 1 });
    expectAccounts(id, ended);
    expect(sent(id).map(({ to }) => to)).not.toContain(late);
    await say(late, 'START');
  }, 120_000);

  it('stop ends it for good: nothing is accepted two seconds later, and each recipient has an end', async () => {
    const id = await draft(city);
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], city.author));
    await until(() => sent(id).length > 100);
    jsonOf(await stack.cli(['campaign', 'stop', id, '--reason', 'Fausse alerte', '--json'], city.author));
    const stoppedAt = Date.now();
    const ended = await watch(city, id);
    expect(ended).toMatchObject({ code: 1, state: 'stopped' });
    expect(ended.tally.cancelled).toBeGreaterThan(0);
    expect(ended.tally).toMatchObject({ recipients: RESIDENTS, pending: 0 });
    expectAccounts(id, ended);
    await pause(GRACE_MS);
    expect(Math.max(...sent(id).map(({ at }) => at))).toBeLessThan(stoppedAt + GRACE_MS);
    const notReached = await stack.cli(['campaign', 'report', id, '--not-reached', '--json'], city.author);
    expect(notReached.stdout.trim().split('\n')).toHaveLength(ended.tally.cancelled);
    const again = await stack.cli(['campaign', 'resume', id, '--json'], city.author);
    expect(JSON.parse(again.stderr)).toMatchObject({ error: { reason: 'WRONG_STATE' } });
    const audit = jsonOf(await stack.cli(['audit', 'list', '--tenant', city.tenantId, '--json']));
    expect(audit['entries']).toContainEqual(expect.objectContaining({ subjectId: id, outcome: 'OK', detail: 'Fausse alerte' }));
  }, 120_000);

  it('what would expire before it is complete is refused with what would do; accepted, it leaves all the same', async () => {
    const id = await draft(city, ['--expires', '+9s']);
    const refused = await stack.cli(['campaign', 'release', id, '--json'], city.author);
    expect(refused.code).toBe(1);
    const { error } = JSON.parse(refused.stderr) as { error: { reason: string; metadata: Record<string, string> } };
    expect(error.reason).toBe('COMPLETES_AFTER_EXPIRY');
    // It takes at least 8 s, and the provider's rate less its margins does not do all of it in 9.
    expect(Number(error.metadata['recipients_in_time'])).toBeLessThan(RESIDENTS);
    const { preview, forecast } = await previewed(id);
    expect(preview).toBe(RESIDENTS);
    expect(forecast).toMatchObject({ late: true, unknownChannels: [], channels: [{ channel: 'sms' }] });
    const released = jsonOf(await stack.cli(['campaign', 'release', id, '--accept-late', '--json'], city.author))['campaign'];
    expect(released).toMatchObject({ state: 'running', forecast: { late: true } });
    await stack.cli(['campaign', 'stop', id, '--json'], city.author);
    expect(await watch(city, id)).toMatchObject({ tally: { recipients: RESIDENTS, pending: 0 } });
  }, 60_000);

  it('an expiry cuts off a running and a paused campaign: who was not reached is expired, nothing leaves late', async () => {
    await knobs({ rate: 60 });
    const running = await draft(city, ['--expires', '+20s']);
    const paused = await draft(city, ['--expires', '+20s']);
    jsonOf(await stack.cli(['campaign', 'release', running, '--accept-late', '--json'], city.author));
    jsonOf(await stack.cli(['campaign', 'release', paused, '--accept-late', '--json'], city.author));
    await until(() => sent(running).length > 10);
    jsonOf(await stack.cli(['campaign', 'pause', paused, '--json'], city.author));
    const ends = await Promise.all([watch(city, running), watch(city, paused)]);
    await knobs({ rate: 500 });
    for (const [at, id] of [running, paused].entries()) {
      const ended = ends[at];
      if (!ended) throw new Error('not watched');
      expect(ended).toMatchObject({ code: 1, state: 'expired' });
      expect(ended.tally.expired).toBeGreaterThan(0);
      expect(ended.tally).toMatchObject({ recipients: RESIDENTS, pending: 0 });
      expectAccounts(id, ended);
      const { expiresAt } = jsonOf(await stack.cli(['campaign', 'show', id, '--json'], city.author))['campaign'] as { expiresAt: string };
      expect(Math.max(...sent(id).map((line) => line.at))).toBeLessThan(Date.parse(expiresAt) + GRACE_MS);
    }
  }, 120_000);

  it('is released for a time: not before it, without anybody having to be there', async () => {
    const approved = await readyCampaign(stack, village, 'Coupure d’eau demain.', ['--at', '+8s']);
    const released = jsonOf(await stack.cli(['campaign', 'release', approved, '--json'], village.author))['campaign'];
    expect(released).toMatchObject({ state: 'scheduled' });
    const { scheduledAt } = released as { scheduledAt: string };
    const ended = await watch(village, approved);
    expect(ended).toMatchObject({ code: 0, state: 'finished' });
    const first = Math.min(...sent(approved).map(({ at }) => at));
    expect(first - Date.parse(scheduledAt)).toBeGreaterThanOrEqual(0);
    expect(first - Date.parse(scheduledAt)).toBeLessThan(3_000);
    expect(sent(approved)).toHaveLength(8);
  }, 60_000);

  it('a time set at the release is part of what is approved, and a stop before it means that nothing leaves', async () => {
    const id = await readyCampaign(stack, village, 'Coupure d’eau.');
    const late = await stack.cli(['campaign', 'release', id, '--at', '+1h', '--json'], village.author);
    expect(late.code).toBe(1);
    expect(JSON.parse(late.stderr)).toMatchObject({ error: { reason: 'APPROVED_FOR_OTHER_TIME' } });
    const moved = jsonOf(await stack.cli(['campaign', 'update', id, '--at', '+1h', '--json'], village.author))['campaign'] as object;
    expect(moved).toMatchObject({ state: 'draft', title: 'Alerte', channels: ['sms', 'email'] });
    expect(moved).not.toHaveProperty('approval');
    const free = await draft(city);
    const planned = jsonOf(await stack.cli(['campaign', 'release', free, '--at', '+3s', '--json'], city.author))['campaign'];
    expect(planned).toMatchObject({ state: 'scheduled' });
    jsonOf(await stack.cli(['campaign', 'stop', free, '--json'], city.author));
    await pause(4_000);
    expect(sent(free)).toEqual([]);
    expect(await watch(city, free)).toMatchObject({ code: 1, state: 'stopped' });
  }, 60_000);

  it('one agent alone breaks the glass for life-safety only, and the audit says who and why', async () => {
    const why = 'Rupture de digue, seule de garde cette nuit';
    const standard = await draft(village);
    const refused = await stack.cli(['campaign', 'release', standard, '--break-glass', why, '--json'], village.author);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { reason: 'BREAK_GLASS_LIFE_SAFETY_ONLY' } });
    expect(sent(standard)).toEqual([]);

    const urgent = await draft(village, ['--lane', 'life-safety']);
    const alone = await stack.cli(['campaign', 'release', urgent, '--json'], village.author);
    expect(JSON.parse(alone.stderr)).toMatchObject({ error: { reason: 'APPROVAL_MISSING' } });
    const released = await stack.cli(['campaign', 'release', urgent, '--break-glass', why, '--json'], village.author);
    expect(jsonOf(released)['campaign']).toMatchObject({ state: 'running', breakGlass: { reason: why } });
    expect(await watch(village, urgent)).toMatchObject({ code: 0, state: 'finished' });
    const audit = jsonOf(await stack.cli(['audit', 'list', '--tenant', village.tenantId, '--json']));
    const entries = audit['entries'] as { action: string; subjectId: string; outcome: string; detail: string; principalId: string }[];
    const glass = entries.filter(({ action, subjectId }) => action === 'break-glass' && subjectId === urgent);
    expect(glass.map(({ outcome, detail }) => [outcome, detail])).toEqual([['OK', why]]);
    expect(glass[0]?.principalId).toMatch(/^prn_/);
    const tried = entries.filter(({ action, subjectId }) => action.endsWith('/ReleaseCampaign') && subjectId === standard);
    expect(tried.map(({ outcome, detail }) => [outcome, detail])).toEqual([['FAILED_PRECONDITION', why]]);
  }, 60_000);

  it('an audience that outgrew what one person may decide waits for a second one, and nothing leaves before', async () => {
    const bourg = await newMunicipality(stack, 'Bourg de Saint-Fictif', { threshold: 10 });
    jsonOf(await stack.cli(['register', 'import', registerOf(8, 6_000), '--json'], bourg.author));
    const id = await draft(bourg);
    jsonOf(await stack.cli(['campaign', 'release', id, '--at', '+5s', '--json'], bourg.author));
    jsonOf(await stack.cli(['register', 'import', registerOf(20, 6_000), '--json'], bourg.author));
    const shown = async () =>
      jsonOf(await stack.cli(['campaign', 'show', id, '--json'], bourg.author))['campaign'] as { state: string; holdReason: string };
    for (let tries = 0; tries < 30 && (await shown()).state !== 'paused'; tries += 1) await pause(500);
    expect(await shown()).toMatchObject({ state: 'paused', holdReason: 'EXPANSION' });
    const alone = await stack.cli(['campaign', 'resume', id, '--json'], bourg.author);
    expect(JSON.parse(alone.stderr)).toMatchObject({ error: { reason: 'SECOND_PERSON_REQUIRED' } });
    expect(sent(id)).toEqual([]);
    jsonOf(await stack.cli(['campaign', 'resume', id, '--json'], bourg.approver));
    expect(await watch(bourg, id)).toMatchObject({ code: 0, state: 'finished', tally: { recipients: 20, terminal: 20 } });
    expect(sent(id)).toHaveLength(20);
  }, 90_000);

  it('a campaign that reaches nobody says so and ends', async () => {
    const id = await draft(village, ['--group', 'Personne']);
    const released = await stack.cli(['campaign', 'release', id, '--json'], village.approver);
    expect(released.code).toBe(3);
    jsonOf(await stack.cli(['campaign', 'approve', id, '--json'], village.approver));
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], village.author));
    expect(await watch(village, id)).toMatchObject({ code: 0, state: 'finished', tally: { recipients: 0, pending: 0 } });
  }, 60_000);

  async function previewed(id: string): Promise<{ preview: number; forecast: unknown }> {
    const answer = jsonOf(await stack.cli(['campaign', 'preview', id, '--json'], city.author));
    return { preview: answer['recipients'] as number, forecast: answer['forecast'] };
  }

  /** A previewed SMS draft for everybody unless `extra` says a group. */
  async function draft(town: Municipality, extra: readonly string[] = []): Promise<string> {
    const whom = extra.includes('--group') ? [] : ['--everyone'];
    const words = ['--title', 'Alerte', '--lane', 'standard', '--expires', '+2h', ...SMS_ONLY, ...whom, ...extra];
    const made = jsonOf(await stack.cli(['campaign', 'create', ...words, '--json'], town.author));
    const { campaignId } = made['campaign'] as { campaignId: string };
    jsonOf(await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author));
    return campaignId;
  }

  function sent(campaignId: string): readonly LedgerLine[] {
    return stack.ledger('sms').filter((line) => line.deliveryId.startsWith(campaignId));
  }

  async function watch(town: Municipality, campaignId: string): Promise<Ended> {
    const { code, stdout, stderr } = await stack.cli(['campaign', 'watch', campaignId, '--json'], town.author);
    const last = stdout.trim().split('\n').at(-1) ?? '';
    if (last === '') throw new Error(stderr);
    const { campaign } = JSON.parse(last) as {
      campaign: { state: string; tally?: TallyView & { channels: { handedOver: number }[] } };
    };
    const { state, tally } = campaign;
    return { code, state, tally: tally as TallyView, handedOver: tally?.channels[0]?.handedOver ?? 0 };
  }

  /** G18, and the same numbers at the oracle: each accepted once, each counted. */
  function expectAccounts(campaignId: string, { tally, handedOver }: Ended): void {
    expect(accounted(tally)).toBe(tally.recipients);
    const accepted = sent(campaignId);
    expect(new Set(accepted.map((line) => line.deliveryId)).size).toBe(accepted.length);
    expect(handedOver).toBe(accepted.length);
  }

  async function say(from: string, text: string): Promise<void> {
    await post('/mo', { from, to: '38000', text });
  }

  async function knobs(wanted: object): Promise<void> {
    await post('/knobs', wanted);
  }

  async function post(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${stack.http(41)}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
  }
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !holds(); tries += 1) await pause(50);
  expect(holds()).toBe(true);
}
