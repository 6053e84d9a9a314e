import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fictionalMobile, jsonOf, newMunicipality, readyCampaign, registerOf } from './municipality.js';
import { startStack, type RunningStack } from './stack.js';

const RESIDENTS = 400;
/** Offsets of every process that has metrics, as tabled in docs/architecture.md. */
const METRICS = [11, 21, 23, 25, 27, 29, 31, 33];

describe('G26: no personal data outside', () => {
  let stack: RunningStack;
  let register = '';

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_GROUND: 'embedded', TOCSIN_TRACE_HOT_PER_SECOND: '1000' });
    const town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    register = registerOf(RESIDENTS);
    jsonOf(await stack.cli(['register', 'import', register, '--json'], town.author));
    await fetch(`${stack.http(41)}/mo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: `+33${fictionalMobile(3).slice(1)}`, to: '38000', text: 'STOP' }),
    });
    const id = await readyCampaign(stack, town, 'Bonjour {{ first_name }} {{ last_name }}.');
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
    await stack.cli(['campaign', 'watch', id, '--json'], town.author);
    mkdirSync(join(stack.state, 'metrics'));
    for (const offset of METRICS) {
      const answer = await fetch(`${stack.http(offset)}/metrics`);
      writeFileSync(join(stack.state, 'metrics', `${offset}.txt`), await answer.text());
    }
  }, 300_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('neither database files, topics, dead letters, logs, metrics nor traces hold a number or mailbox of the register', () => {
    const result = search();
    expect(result).toMatchObject({ found: 0, lookedFor: { numbers: RESIDENTS, mailboxes: RESIDENTS / 4 } });
    expect(result.files).toBeGreaterThan(100);
  });

  it('the search finds what is there', () => {
    writeFileSync(
      join(stack.state, 'logs', 'planted.log'),
      `{"to":"+33${fictionalMobile(1).slice(1)}","cc":"personne4@residents.example"}\n`,
    );
    expect(search().found).toBe(2);
  });

  function search(): { found: number; files: number } {
    const tool = join(repositoryRoot(), 'tools/search-personal-data/dist/main.js');
    const args = ['--input', dirname(register), '--below', stack.state, '--except', join(stack.state, 'ledgers')];
    const { stdout } = spawnSync(process.execPath, [tool, ...args], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { found: number; files: number };
  }
});
