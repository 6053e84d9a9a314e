import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { createObservability } from '@tocsin/observability';
import type { StackOptions } from '../options.js';
import type { Supervisor } from '../stack/supervisor.js';
import { openAdmin } from './admin-key.js';
import { demoInput } from './demo-input.js';
import { PartnerState } from './partner-state.js';
import { runAlerts } from './run-alerts.js';
import { prepareRegisters } from './prepare-registers.js';
import { setUpTenants } from './set-up-tenants.js';
import { sendTestSms } from './test-sms.js';

/** The promise of a run: 12 minutes with downloads, 20 when services are killed all along. */
const LIMIT_MS = 12 * 60_000;
const KILL_LIMIT_MS = 20 * 60_000;

export interface DemoOptions {
  readonly options: StackOptions;
  readonly supervisor: Supervisor;
  readonly say: (line: string) => void;
  readonly print: (line: string) => void;
  readonly demoDir: string;
  /** Unix ms at which the person typed the command. */
  readonly startedAt: number;
  /** Seconds until Kafka and the store answered. */
  readonly groundSeconds: number;
  /** Resolves when the stack is to end. */
  readonly ended: Promise<{ readonly code: number }>;
}

/** A partner's whole day: registers, drafts, approvals, releases, a watch to the end; answers the exit code. */
export async function runDemo(demo: DemoOptions): Promise<number> {
  const { options } = demo;
  const limitMs = options.kill ? KILL_LIMIT_MS : LIMIT_MS;
  const late = new Promise<never>((_, reject) => {
    const sentence = `The run was not finished within ${limitMs / 60_000} minutes.`;
    const left = demo.startedAt + limitMs - Date.now();
    if (options.once) setTimeout(() => reject(new TocsinError('DEADLINE_EXCEEDED', 'LIMIT_PASSED', sentence)), left).unref();
  });
  const code = await Promise.race([run(demo), late]);
  if (options.once) return code;
  demo.say('The stack stays up: use the gateway, or press Ctrl-C to drain and stop.');
  return (await demo.ended).code;
}

async function run(demo: DemoOptions): Promise<number> {
  const { supervisor, options, say, demoDir } = demo;
  mkdirSync(demoDir, { recursive: true });
  const address = `127.0.0.1:${supervisor.gatewayPort()}`;
  const deps = createObservability({ service: 'demo', instanceId: `demo-${process.pid}`, logLevel: 'error' });
  const state = new PartnerState(join(demoDir, 'partner.json'));
  const runId = randomUUID();
  const channels = supervisor.channels
    .filter(({ standIn }) => standIn !== undefined)
    .map(({ channel }) => channel)
    .toReversed();
  const admin = await openAdmin(supervisor, address, state, demoDir, deps);
  const shared = { address, deps, state, runId, channels };
  await sendTestSms({ ...shared, admin, demoDir, channel: 'sms' });
  say(`Up in ${seconds(demo.startedAt)} s: every ready endpoint answers 200 and one test SMS was accepted.`);

  const input = await demoInput(supervisor.paths, demoDir, options.seed);
  const begun = Date.now();
  await setUpTenants(admin, input.tenants, state);
  say(`${input.tenants.length} municipalities with two agents each.`);
  await prepareRegisters({ ...shared, input, supervisor, say });
  const importSeconds = (Date.now() - begun) / 1_000;
  return runAlerts({ ...shared, ...demo, input, importSeconds });
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1_000).toFixed(1);
}
