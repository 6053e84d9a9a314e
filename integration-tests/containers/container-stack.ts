import { execFile } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isReady, waitUntil } from '@tocsin/testing';
import type { StartedTestContainer } from 'testcontainers';
import type { PlannedProcess } from '../../tools/stack/dist/stack/process-plan.js';
import { planStack } from '../stack-plan.js';
import { firstFreeRange, type RunningStack } from '../stack.js';
import { startGroundContainers } from './ground.js';
import { HardenedContainer } from './hardened-container.js';

/** The user of the image: what it is to read must be its own. */
const IMAGE_USER = 10_001;
/** ms until a service in a container is ready, with seven others starting on two cores. */
const READY_DEADLINE_MS = 120_000;
/** Seconds from SIGTERM to SIGKILL: below the chart's terminationGracePeriodSeconds. */
const GRACE_S = 30;
/** ms an engine may take for one command, the grace of a drain included. */
const ENGINE_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 10_000;
/** Of what a container said that did not start. */
const SHOWN_LINES = 10;

/** The whole of Tocsin in containers of the image; only the providers' stand-ins are processes. */
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

/** `second`: services that run twice. */
export async function startContainerStack(image: string, second: readonly string[]): Promise<ContainerStack> {
  const first = await firstFreeRange();
  const data = mkdtempSync(join(tmpdir(), 'tocsin-container-ground-'));
  const ground = await startGroundContainers(data, { kafka: first, store: first + 2 });
  const plan = await planStack(ground, first, second);
  const keyFile = ownedByImage(plan.paths.keyFile);
  const containers = new Map<string, StartedTestContainer>();

  const start = async (planned: PlannedProcess): Promise<void> => {
    // The root of the container is read-only: spans could go to a collector, never to a file.
    const { TOCSIN_TRACE_FILE: _, ...env } = planned.env;
    const said: string[] = [];
    const container = await new HardenedContainer(image)
      .withCommand([serviceOf(planned.name)])
      .withEnvironment({ ...env, TOCSIN_KEY_FILE: '/run/tocsin/platform.key' })
      .withBindMounts([{ source: keyFile, target: '/run/tocsin/platform.key', mode: 'ro' }])
      .withLogConsumer((stream) => stream.on('data', (line: Buffer) => said.push(line.toString('utf8'))))
      .start()
      .catch((failure: unknown) => {
        throw new Error(`${planned.name} did not start in a container:\n${said.slice(-SHOWN_LINES).join('')}`, { cause: failure });
      });
    containers.set(planned.name, container);
    await waitUntil(`${planned.name} ready`, () => isReady(planned.httpPort), READY_DEADLINE_MS, 500);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...containers.values()].map((container) => container.stop({ timeout: STOP_DEADLINE_MS }).catch(() => undefined)));
    await plan.close();
    await ground.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const idOf = (name: string): string => {
    const found = containers.get(name);
    if (!found) throw new Error(`no container is called ${name}`);
    return found.getId();
  };

  try {
    await Promise.all(plan.services.map(start));
    return {
      ...(await plan.running(stop)),
      id: idOf,
      drain: async (name) => {
        await engine('stop', '--time', String(GRACE_S), idOf(name));
        return Number(await engine('inspect', '--format', '{{.State.ExitCode}}', idOf(name)));
      },
      kill: async (name) => void (await engine('kill', '--signal', 'KILL', idOf(name))),
      startAgain: async (name) => {
        await engine('rm', '--force', idOf(name));
        await start(plan.service(name));
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

async function engine(...args: string[]): Promise<string> {
  return (await promisify(execFile)('docker', args, { timeout: ENGINE_DEADLINE_MS })).stdout.trim();
}
