import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKeyFile, isReady, ManagedProcess, waitUntil } from '@tocsin/testing';
import { findChannels } from '../tools/stack/dist/stack/channel-stack.js';
import { HERE } from '../tools/stack/dist/stack/layout.js';
import { stackPaths, type StackPaths } from '../tools/stack/dist/stack/paths.js';
import { planExtraInstance, planProcesses, type PlannedProcess, type PlanOptions } from '../tools/stack/dist/stack/process-plan.js';
import { readLedger, runTool, type RunningStack } from './stack.js';

const STAND_IN_DEADLINE_MS = 60_000;
const STAND_IN_STOP_MS = 5_000;

export interface PlanGround {
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  /** Of topics, groups and databases; none where the ground is the stack's own. */
  readonly prefix?: string;
}

/**
 * A stack whose services a test starts itself, in containers or of another release, planned as the development stack plans its processes. The
 * providers' stand-ins run as processes from the first on.
 */
export interface StackPlan {
  readonly paths: StackPaths;
  /** Services by name, such as "channel-sms-2". */
  service(name: string): PlannedProcess;
  readonly services: readonly PlannedProcess[];
  /** The stack as tests use it, once the gateway is ready: with the first administrator's key. */
  running(stop: () => Promise<void>): Promise<RunningStack>;
  close(): Promise<void>;
}

/** `second`: services that run twice. */
export async function planStack(ground: PlanGround, first: number, second: readonly string[]): Promise<StackPlan> {
  const state = mkdtempSync(join(tmpdir(), 'tocsin-planned-stack-'));
  const paths = stackPaths({ TOCSIN_STACK_STATE_DIR: state });
  for (const folder of [paths.logs, paths.ledgers, paths.traces]) mkdirSync(folder, { recursive: true });
  ensureKeyFile(paths.keyFile);
  const prefixed: Record<string, string> = ground.prefix
    ? { TOCSIN_TOPIC_PREFIX: ground.prefix, TOCSIN_DATABASE_PREFIX: ground.prefix }
    : {};
  const layout = { instances: [HERE], providers: HERE };
  const options: PlanOptions = { paths, firstPort: first, channels: findChannels(paths.root), ground, layout, env: prefixed };
  const planned = [...planProcesses(options), ...second.map((name) => planExtraInstance(options, name, 1))];
  const standIns: ManagedProcess[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(standIns.map((standIn) => standIn.stop(STAND_IN_STOP_MS)));
    rmSync(state, { recursive: true, force: true });
  };
  try {
    for (const process of planned.filter(({ kind }) => kind === 'stand-in')) standIns.push(await startStandIn(process, paths));
  } catch (failure) {
    await close();
    throw failure;
  }
  return {
    paths,
    services: planned.filter(({ kind }) => kind === 'service'),
    service(name) {
      const found = planned.find((process) => process.name === name);
      if (!found) throw new Error(`no process is called ${name}`);
      return found;
    },
    async running(stop) {
      const address = `127.0.0.1:${first + 10}`;
      const adminKey = await bootstrap(ground, paths, prefixed);
      return {
        state,
        address,
        adminKey,
        http: (offset) => `http://127.0.0.1:${first + offset}`,
        ledger: (channel) => readLedger(join(paths.ledgers, `${channel}.jsonl`)),
        pid: (name) => {
          throw new Error(`${name} is not the supervisor's`);
        },
        cli: (args, key = adminKey) => runTool(paths.root, 'cli', [...args], { TOCSIN_ADDRESS: address, TOCSIN_API_KEY: key }),
        stop,
      };
    },
    close,
  };
}

async function startStandIn(planned: PlannedProcess, paths: StackPaths): Promise<ManagedProcess> {
  const standIn = await ManagedProcess.start({
    name: planned.name,
    command: process.execPath,
    args: planned.args,
    env: { ...process.env, ...planned.env },
    cwd: paths.root,
    logFile: join(paths.logs, `${planned.name}.log`),
  });
  await waitUntil(`${planned.name} ready`, () => isReady(planned.httpPort), STAND_IN_DEADLINE_MS);
  return standIn;
}

/** The first administrator's key. */
async function bootstrap(ground: PlanGround, paths: StackPaths, prefixed: Readonly<Record<string, string>>): Promise<string> {
  const out = join(paths.state, 'admin.key');
  const made = await runTool(paths.root, 'admin', ['bootstrap', '--out', out], {
    TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
    TOCSIN_MONGO_URI: ground.mongoUri,
    ...prefixed,
    TOCSIN_KEY_FILE: paths.keyFile,
    TOCSIN_MODE: 'development',
  });
  if (made.code !== 0) throw new Error(`tocsin-admin bootstrap: ${made.stderr}`);
  return readFileSync(out, 'utf8').trim();
}
