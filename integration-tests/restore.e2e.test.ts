import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from '@tocsin/testing';
import { accounted, fictionalMobile, jsonOf, newMunicipality, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { accepted, outcomeOf, slowTo } from './outcome.js';
import { startStack, type ProcessStack } from './stack.js';

const RESIDENTS = 3_000;
/** SMS a second: the send outlasts the backup, and what is sent after it. */
const RATE = 120;
/** ms until a STOP is known wherever somebody plans. */
const STOP_HEARD_MS = 2_000;

describe('G28: a backup taken in mid-send, restored where there is nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-restore-'));
  const [file, key] = [join(folder, 'one.backup'), join(folder, 'backup.key')];
  let stack: ProcessStack;
  let town: Municipality;
  let empty: TestGround;

  beforeAll(async () => {
    writeFileSync(key, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    stack = await startStack();
    empty = await startGround();
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif', { threshold: 100_000 });
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
  }, 240_000);
  afterAll(async () => {
    await stack.stop();
    await empty.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('nobody is lost, what is repeated left after the backup and is marked, register, STOP, keys, controls and audit are as they were', async () => {
    await slowTo(stack, RATE);
    await say(fictionalMobile(RESIDENTS - 1).replace(/^0/, '+33'), 'STOP');
    await new Promise((resolve) => setTimeout(resolve, STOP_HEARD_MS));
    const id = await readyCampaign(stack, town, 'Information.');
    jsonOf(await stack.cli(['campaign', 'release', id, '--accept-late', '--json'], town.author));
    jsonOf(await stack.cli(['platform', 'pause-lane', 'sms', 'bulk', '--reason', 'kept over a restore', '--json']));
    await until(() => accepted(stack, id) > 600);
    const before = accepted(stack, id);
    const taken = jsonOf(await stack.admin(['--json', 'backup', '--out', file, '--key', key, '--share', '1']));
    expect(taken).toMatchObject({ ok: true });
    await until(() => accepted(stack, id) > before + 400);
    const register = await registerShown();
    await stack.halt();
    const after = accepted(stack, id);
    expect(after).toBeLessThan(RESIDENTS);

    const verified = jsonOf(await stack.admin(['--json', 'verify-backup', '--from', file, '--key', key]));
    expect(verified['documents']).toEqual(taken['documents']);
    // The ground of the stack is not empty: nothing of it is touched.
    expect(await stack.admin(['--json', 'restore', '--from', file, '--key', key])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('TARGET_NOT_EMPTY'),
    });
    const ground = { TOCSIN_TOPIC_PREFIX: empty.prefix, TOCSIN_DATABASE_PREFIX: empty.prefix };
    const restored = jsonOf(await stack.admin(['--json', 'restore', '--from', file, '--key', key], ground));
    expect(restored).toMatchObject({ ok: true, documents: taken['documents'], records: taken['records'] });
    expect([Number(restored['rpoSeconds']) < 300, Number(restored['rtoSeconds']) < 900]).toEqual([true, true]);

    stack = await startStack(ground, stack);
    expect(await registerShown()).toEqual(register);
    const outcome = await outcomeOf(stack, town, id);
    expect(outcome).toMatchObject({ unaccounted: 0, unmarked: [] });
    expect(outcome.tally).toMatchObject({ recipients: RESIDENTS - 1, terminal: RESIDENTS - 1, failed: 0, expired: 0 });
    expect(accounted(outcome.tally)).toBe(RESIDENTS - 1);
    // Only what left between the backup's begin and the end may be repeated.
    expect(outcome.reached).toBe(RESIDENTS - 1);
    expect(outcome.twice.length).toBeLessThanOrEqual(after - before);
    const { controls } = jsonOf(await stack.cli(['platform', 'controls', '--json'])) as { controls: object[] };
    expect(controls).toMatchObject([{ control: 'lane:sms:bulk', reason: 'kept over a restore' }]);
    expect(await stack.admin(['--json', 'audit', 'verify'])).toMatchObject({ code: 0 });

    // And it is a platform like any other: the next campaign reaches everybody once, unmarked.
    const next = await readyCampaign(stack, town, 'Tout va bien.');
    await slowTo(stack, 500);
    jsonOf(await stack.cli(['campaign', 'release', next, '--accept-late', '--json'], town.author));
    expect(await outcomeOf(stack, town, next)).toMatchObject({ reached: RESIDENTS - 1, twice: [], unaccounted: 0 });
  }, 300_000);

  async function registerShown(): Promise<unknown> {
    return jsonOf(await stack.cli(['register', 'show', '--json'], town.author));
  }

  async function say(from: string, text: string): Promise<void> {
    const answer = await fetch(`${stack.http(41)}/mo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, to: '38000', text }),
    });
    expect(answer.ok).toBe(true);
  }

  async function until(holds: () => boolean): Promise<void> {
    for (const end = Date.now() + 60_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 100))) {
      if (Date.now() > end) throw new Error('did not come to pass');
    }
  }
});
