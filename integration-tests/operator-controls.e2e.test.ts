import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { accepted, untilFinished } from './outcome.js';
import { startStack, type ProcessStack } from './stack.js';

const RESIDENTS = 1_200;
/** ms in which a control is in force everywhere, restarts of everybody included. */
const IN_FORCE_MS = 5_000;

describe('operators hold, slow and let go what is sent, live, with two instances of each service', () => {
  let stack: ProcessStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_STACK_INSTANCES: '2' });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif', { threshold: 100_000 });
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  const operate = async (...args: string[]) =>
    jsonOf(await stack.cli(['platform', ...args, '--reason', 'exercise of the operators', '--json']));
  const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1_000));
  const until = async (holds: () => boolean) => {
    for (const end = Date.now() + 60_000; !holds(); await seconds(0.1)) if (Date.now() > end) throw new Error('did not come to pass');
  };
  /** Accepted by the provider within the next so many seconds. */
  const leaving = async (id: string, n: number) => {
    const before = accepted(stack, id);
    await seconds(n);
    return accepted(stack, id) - before;
  };

  it('a route at another rate, a lane held and let go, a campaign and a tenant held: each in force in 5 s, over restarts, nobody lost or twice', async () => {
    const id = await readyCampaign(stack, town, 'Information.');
    await operate('set-rate', 'sms', 'smpp-1', '--rate', '40', '--until', '+10min');
    await seconds(2);
    jsonOf(await stack.cli(['campaign', 'release', id, '--accept-late', '--json'], town.author));
    await until(() => accepted(stack, id) > 20);
    // 40 a second with two instances, and not the 500 of their settings.
    expect(await leaving(id, 3)).toBeLessThan(40 * 3 * 1.5);

    const held = await operate('pause-lane', 'sms', 'standard');
    expect(held['controls']).toMatchObject([{ control: 'lane:sms:standard', inForce: true, until: null }]);
    await seconds(IN_FORCE_MS / 1_000);
    expect(await leaving(id, 2)).toBe(0);
    process.kill(stack.pid('routing'), 'SIGKILL');
    process.kill(stack.pid('channel-sms'), 'SIGKILL');
    expect(await leaving(id, 6)).toBe(0);
    const shown = jsonOf(await stack.cli(['campaign', 'show', id, '--json'], town.author))['campaign'];
    expect(JSON.stringify(shown)).toContain('HELD_BY_OPERATOR');
    await operate('resume-lane', 'sms', 'standard');
    await until(() => accepted(stack, id) > 200);

    await operate('pause-campaign', id);
    await seconds(IN_FORCE_MS / 1_000);
    await stack.cli(['campaign', 'resume', id, '--json'], town.author);
    expect(await leaving(id, 2)).toBe(0);
    await operate('suspend-tenant', town.tenantId);
    await operate('resume-campaign', id);
    expect(await leaving(id, 2)).toBe(0);
    expect((await stack.cli(['campaign', 'show', id, '--json'], town.author)).stderr).toContain('TENANT_SUSPENDED');
    const { controls } = jsonOf(await stack.cli(['platform', 'controls', '--json'])) as { controls: { control: string }[] };
    expect(controls.map(({ control }) => control).toSorted()).toEqual(['rate:sms:smpp-1', `tenant:${town.tenantId}`]);
    await operate('resume-tenant', town.tenantId);
    await operate('reset-rate', 'sms', 'smpp-1');

    expect(await untilFinished(stack, town, id)).toMatchObject({ recipients: RESIDENTS, terminal: RESIDENTS, failed: 0, expired: 0 });
    const numbers = stack.ledger('sms').map((line) => line.to);
    expect(new Set(numbers).size).toBe(RESIDENTS);
    const audit = JSON.stringify(jsonOf(await stack.cli(['audit', 'list', '--json'])));
    for (const subject of ['lane:sms:standard', 'rate:sms:smpp-1', `campaign:${id}`, `tenant:${town.tenantId}`])
      expect(audit).toContain(subject);
    expect(await stack.admin(['audit', 'verify', '--json'])).toMatchObject({ code: 0 });
  }, 180_000);
});
