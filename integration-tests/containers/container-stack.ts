import { execFile } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureKeyFile, isReady, ManagedProcess, repositoryRoot, waitUntil } from '@tocsin/testing';
import type { StartedTestContainer } from 'testcontainers';
import { findChannels } from '../../tools/stack/dist/stack/channel-stack.js';
import { HERE } from '../../tools/stack/dist/stack/layout.js';
import { stackPaths } from '../../tools/stack/dist/stack/paths.js';
import { planExtraInstance, planProcesses, type PlannedProcess, type PlanOptions } from '../../tools/stack/dist/stack/process-plan.js';
import { firstFreeRange, readLedger, runTool, type RunningStack } from '../stack.js';
import { HardenedContainer } from './hardened-container.js';
import { startGroundContainers } from './ground.js';

/** The user of the image: what it is to read must be its own. */
const IMAGE_USER = 10_001;
/** ms until a service in a container is ready, with seven others starting on two cores. */
const READY_DEADLINE_MS = 120_000;
/** Seconds from SIGTERM to SIGKILL: the chart's terminationGracePeriodSeconds. */
const GRACE_S = 30;
/** ms an engine may take for one command, the grace of a drain included. */
const ENGINE_DEADLINE_MS = 60_000;

/** The whole of Tocsin in containers of the image, planned as the development stack plans its processes; only the providers' stand-ins are processes. */
export interface ContainerStack extends RunningStack {
  /** Container id of a service such as "channel-sms-2". */
  id(name: string): string;
  /** SIGTERM, and SIGKILL after the chart's grace; answers how it ended. */
  drain(name: string): Promise<number>;
  /** kill -9 of everything in the container. */
  kill(name: string): Promise<void>;
  /** Starts a service whose container has ended, in a new one. */
  startAgain(name: string): Promise<void>;
}

export async function startContainerStack(image: string): Promise<ContainerStack> {
  const state = mkdtempSync(join(tmpdir(), 'tocsin-container-stack-'));
  const first = await firstFreeRange();
  const ground = await startGroundContainers(state, { kafka: first, store: first + 2 });
  const paths = stackPaths({ TOCSIN_STACK_STATE_DIR: state });
  for (const folder of [paths.logs, paths.ledgers]) mkdirSync(folder, { recursive: true });
  ensureKeyFile(paths.keyFile);
  const keyOfImage = ownedByImage(paths.keyFile);
  const options: PlanOptions = {
    paths,
    firstPort: first,
    channels: findChannels(paths.root),
    ground,
    layout: { instances: [HERE], providers: HERE },
    env: {},
  };
  const planned = [...planProcesses(options), planExtraInstance(options, 'channel-sms', 1)];
  const standIns: ManagedProcess[] = [];
  const containers = new Map<string, StartedTestContainer>();

  const start = async (process: PlannedProcess): Promise<void> => {
    const { TOCSIN_TRACE_FILE: _, ...env } = process.env;
    const container = await new HardenedContainer(image)
      .withCommand([serviceOf(process.name)])
      .withEnvironment({ ...env, TOCSIN_KEY_FILE: '/run/tocsin/platform.key' })
      .withBindMounts([{ source: keyOfImage, target: '/run/tocsin/platform.key', mode: 'ro' }])
      .start();
    containers.set(process.name, container);
    await waitUntil(`${process.name} ready`, () => isReady(process.httpPort), READY_DEADLINE_MS, 500);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...containers.values()].map((container) => container.stop({ timeout: 10_000 }).catch(() => undefined)));
    await Promise.all(standIns.map((standIn) => standIn.stop(5_000)));
    await ground.stop();
    rmSync(state, { recursive: true, force: true });
  };
  const named = (name: string): PlannedProcess => {
    const found = planned.find((process) => process.name === name);
    if (!found) throw new Error(`no process is called ${name}`);
    return found;
  };
  const containerOf = (name: string): StartedTestContainer => {
    const found = containers.get(name);
    if (!found) throw new Error(`no container is called ${name}`);
    return found;
  };

  try {
    for (const process of planned.filter(({ kind }) => kind === 'stand-in')) standIns.push(await startStandIn(process, paths.logs));
    await Promise.all(planned.filter(({ kind }) => kind === 'service').map(start));
    const address = `127.0.0.1:${first + 10}`;
    const adminKey = await bootstrap(ground, state, paths.keyFile);
    return {
      state,
      address,
      adminKey,
      http: (offset) => `http://127.0.0.1:${first + offset}`,
      ledger: (channel) => readLedger(join(paths.ledgers, `${channel}.jsonl`)),
      pid: () => {
        throw new Error('a container is named by its id');
      },
      cli: (args, key = adminKey) => runTool(paths.root, 'cli', [...args], { TOCSIN_ADDRESS: address, TOCSIN_API_KEY: key }),
      stop,
      id: (name) => containerOf(name).getId(),
      drain: async (name) => {
        await engine('stop', '--time', String(GRACE_S), containerOf(name).getId());
        return Number(await engine('inspect', '--format', '{{.State.ExitCode}}', containerOf(name).getId()));
      },
      kill: async (name) => void (await engine('kill', '--signal', 'KILL', containerOf(name).getId())),
      startAgain: async (name) => {
        await engine('rm', '--force', containerOf(name).getId());
        await start(named(name));
      },
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** "channel-sms-2" -> "channel-sms". */
function serviceOf(name: string): string {
  return name.replace(/-\d+$/, '');
}

/** A copy of the key file that only the image's user can read. */
function ownedByImage(keyFile: string): string {
  const copy = `${keyFile}.image`;
  copyFileSync(keyFile, copy);
  chmodSync(copy, 0o400);
  chownSync(copy, IMAGE_USER, IMAGE_USER);
  return copy;
}

async function startStandIn(planned: PlannedProcess, logs: string): Promise<ManagedProcess> {
  const standIn = await ManagedProcess.start({
    name: planned.name,
    command: process.execPath,
    args: planned.args,
    env: { ...process.env, ...planned.env },
    cwd: repositoryRoot(),
    logFile: join(logs, `${planned.name}.log`),
  });
  await waitUntil(`${planned.name} ready`, () => isReady(planned.httpPort), READY_DEADLINE_MS);
  return standIn;
}

/** The first administrator's key. */
async function bootstrap(
  ground: { readonly brokers: readonly string[]; readonly mongoUri: string },
  state: string,
  keyFile: string,
): Promise<string> {
  const out = join(state, 'admin.key');
  const made = await runTool(repositoryRoot(), 'admin', ['bootstrap', '--out', out], {
    TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
    TOCSIN_MONGO_URI: ground.mongoUri,
    TOCSIN_KEY_FILE: keyFile,
    TOCSIN_MODE: 'development',
  });
  if (made.code !== 0) throw new Error(`tocsin-admin bootstrap: ${made.stderr}`);
  return readFileSync(out, 'utf8').trim();
}

async function engine(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args, { timeout: ENGINE_DEADLINE_MS })).stdout.trim();
}
