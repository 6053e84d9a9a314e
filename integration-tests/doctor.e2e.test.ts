import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot, waitUntil } from '@tocsin/testing';
import { jsonOf, newMunicipality, readyCampaign, registerOf } from './municipality.js';
import { hasPrometheus, startPrometheus, type Prometheus, type ScrapeTarget } from './observability/prometheus.js';
import { firstLook } from './observability/rule-files.js';
import { drawFaults } from './observability/seeded-faults.js';
import { startStack, type ProcessStack } from './stack.js';

/** Which faults: TOCSIN_DOCTOR_SEED=N vitest run integration-tests/doctor.e2e.test.ts */
const SEED = Number(process.env['TOCSIN_DOCTOR_SEED'] ?? 8);
/** Sent at 40 a second meanwhile, so that there is something to wait. */
const RESIDENTS = 6_000;
const RATE = 40;
/** ms until the doctor names a fault, and until an alert of it is raised. */
const NAMED_MS = 60_000;
/** ms until everybody is well again: a frozen broker costs clients up to 25 s. */
const WELL_MS = 90_000;
const LOOK_MS = 1_000;

const NO_PROMETHEUS = hasPrometheus() ? '' : 'prometheus is missing: install the Debian package "prometheus"';

interface Named {
  readonly kind: string;
  readonly subject: string;
  readonly sentence: string;
  readonly runbook: string;
}

describe.skipIf(NO_PROMETHEUS !== '')(`tocsin doctor, two instances of each service, seed ${SEED} ${NO_PROMETHEUS}`, () => {
  let stack: ProcessStack;
  let prometheus: Prometheus;
  const { faults, pick } = drawFaults(SEED, 3);

  beforeAll(async () => {
    stack = await startStack({ TOCSIN_GROUND: 'embedded', TOCSIN_STACK_INSTANCES: '2' });
    prometheus = await startPrometheus(targets(stack));
    const town = await newMunicipality(stack, 'Mairie de Saint-Fictif', { threshold: 100_000 });
    jsonOf(await stack.cli(['register', 'import', registerOf(RESIDENTS), '--json'], town.author));
    const body = JSON.stringify({ rate: RATE });
    await fetch(`${stack.http(41)}/knobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const id = await readyCampaign(stack, town, 'Exercice.');
    jsonOf(
      await stack.cli([
        'platform',
        'set-rate',
        'sms',
        'smpp-1',
        '--rate',
        String(RATE),
        '--reason',
        'exercise of the night shift',
        '--until',
        '+1h',
        '--json',
      ]),
    );
    jsonOf(await stack.cli(['campaign', 'release', id, '--accept-late', '--json'], town.author));
    await waitUntil('a stack that is well', async () => (await examined(stack)).length === 0, WELL_MS, LOOK_MS);
  }, 300_000);
  afterAll(async () => {
    await prometheus.stop();
    await stack.stop();
  }, 120_000);

  it.each(faults)(
    'names the cause first when $name, an alert of that name is raised, and its first look shows it',
    async ({ begin, kind, subject }) => {
      const undo = await begin(stack, pick);
      let found: readonly Named[] = [];
      try {
        const first = async (): Promise<boolean> => {
          found = await examined(stack);
          return found[0]?.kind === kind && subject.test(found[0].subject);
        };
        await waitUntil(`the doctor names ${kind} first`, first, NAMED_MS, LOOK_MS).catch((failure: unknown) => {
          throw new Error(`found instead: ${found.map((one) => one.sentence).join(' | ')}`, { cause: failure });
        });
        expect(found[0]?.runbook).toBe(`deploy/runbooks/${kind}.md`);
        const shown = firstLook(readFileSync(join(repositoryRoot(), found[0]?.runbook ?? ''), 'utf8'));
        await waitUntil(`the alert ${kind}`, async () => (await prometheus.raised()).includes(kind), NAMED_MS, LOOK_MS);
        await waitUntil(`the first look of ${kind}`, async () => (await prometheus.query(shown)) > 0, NAMED_MS, LOOK_MS);
      } finally {
        await undo();
      }
      if (kind === faults.at(-1)?.kind) return;
      await waitUntil(
        'everybody is well again',
        async () => (await examined(stack)).every((one) => one.kind === 'DeadLetters'),
        WELL_MS,
        LOOK_MS,
      );
    },
    300_000,
  );
});

async function examined(stack: ProcessStack): Promise<readonly Named[]> {
  const { stdout, stderr } = await stack.admin(['--json', 'doctor', '--seconds', '2']);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (last === '') throw new Error(`the doctor said nothing: ${stderr}`);
  return (JSON.parse(last) as { findings: readonly Named[] }).findings;
}

function targets(stack: ProcessStack): readonly ScrapeTarget[] {
  const state = JSON.parse(readFileSync(join(stack.state, 'stack.json'), 'utf8')) as { processes: { name: string; http?: string }[] };
  return state.processes.flatMap(({ name, http }) =>
    http === undefined || name.startsWith('stand-in') ? [] : [{ job: name.replace(/-\d$/, ''), address: new URL(http).host }],
  );
}
