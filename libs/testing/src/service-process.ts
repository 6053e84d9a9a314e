import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestGround } from './ground.js';
import { freePorts } from './process/free-ports.js';
import { ManagedProcess, type ProcessExit } from './process/managed-process.js';
import { repositoryRoot } from './repository-root.js';
import { waitUntil } from './wait-until.js';

/** A service reads topics and suppressions before it is ready: seconds here, more on a busy machine. */
const READY_DEADLINE_MS = 60_000;
/** A drain awaits answers for 5 s, commits and closes. */
const STOP_DEADLINE_MS = 20_000;
const PROBE_DEADLINE_MS = 2_000;
/**
 * How Node runs each service. Old and young space (three semi-spaces) are let grow to 192 MiB together, since V8 fills what it is given before it
 * collects; with some 100 MiB of code and libraries and the buffers of the clients the resident set stays under 300. Below 256 MiB V8 collects old space whenever it
 * has grown by 30 %, every half second under load, and marking 50 MB each time was a fifth of all CPU: it is let grow by 150 %, and nothing is collected because a process has a quiet moment
 * (docs/adr/0022-collect-less-often.md).
 */
export const SERVICE_NODE_FLAGS: readonly string[] = [
  '--max-old-space-size=144',
  '--max-semi-space-size=16',
  '--heap-growing-percent=150',
  '--no-memory-reducer',
];

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly exited: Promise<ProcessExit>;
  /** SIGTERM and a drain; throws with the end of its log when it does not exit with 0. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** The end of its output. */
  tail(): string;
}

/** The shared settings that point a service at a ground, under the ground's own prefix. */
export function groundEnv(ground: TestGround): Record<string, string> {
  return {
    TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
    TOCSIN_MONGO_URI: ground.mongoUri,
    TOCSIN_KEY_FILE: ground.keyFile,
    TOCSIN_TOPIC_PREFIX: ground.prefix,
    TOCSIN_DATABASE_PREFIX: ground.prefix,
    TOCSIN_MODE: 'development',
  };
}

/**
 * Starts `services/<name>` as its own process on free ports (unless env names them) and waits until it is ready; throws with the end of its
 * output when it is not.
 */
export async function startService(name: string, env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const [freeHttp, freeGrpc] = await freePorts(2);
  const variable = `TOCSIN_${name.toUpperCase().replaceAll('-', '_')}`;
  const httpPort = Number(env[`${variable}_HTTP_PORT`] ?? freeHttp);
  const grpcPort = Number(env[`${variable}_GRPC_PORT`] ?? freeGrpc);
  const root = repositoryRoot();
  const child = await ManagedProcess.start({
    name,
    command: process.execPath,
    args: [...SERVICE_NODE_FLAGS, join(root, 'services', name, 'dist', 'main.js')],
    env: { ...inherited(), ...env, [`${variable}_HTTP_PORT`]: String(httpPort), [`${variable}_GRPC_PORT`]: String(grpcPort) },
    cwd: root,
    logFile: join(mkdtempSync(join(tmpdir(), `tocsin-${name}-`)), 'output.log'),
  });
  endWithThisProcess(child);
  try {
    await waitUntil(`${name} ready`, async () => child.exit !== undefined || (await isReady(httpPort)), READY_DEADLINE_MS);
    if (child.exit !== undefined) throw new Error(`${name} ended while starting with ${describeExit(child.exit)}`);
  } catch (failure) {
    child.signal('SIGKILL');
    throw new Error(`${name} did not become ready; the end of its output:\n${child.tail()}`, { cause: failure });
  }
  return {
    name,
    pid: child.pid,
    httpPort,
    grpcPort,
    exited: child.exited,
    stop: async () => {
      const exit = await child.stop(STOP_DEADLINE_MS);
      if (exit.code !== 0) throw new Error(`${name} ended with ${describeExit(exit)}; the end of its output:\n${child.tail()}`);
    },
    kill: async () => {
      child.signal('SIGKILL');
      await child.exited;
    },
    signal: (signal) => void child.signal(signal),
    tail: () => child.tail(),
  };
}

/** True when the service answers that it is ready. */
export async function isReady(httpPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/ready`, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

function describeExit(exit: ProcessExit): string {
  return exit.signal ?? `code ${exit.code}`;
}

/** What the machine needs to run a program; settings of Tocsin come only from the test. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined || key.startsWith('TOCSIN_') ? [] : [[key, value]])),
  );
}

const running = new Set<ManagedProcess>();

/** A test file that fails half-way leaves no service behind. */
function endWithThisProcess(child: ManagedProcess): void {
  if (running.size === 0) process.once('exit', () => running.forEach((left) => left.signal('SIGKILL')));
  running.add(child);
  void child.exited.then(() => running.delete(child));
}
