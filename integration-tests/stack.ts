import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkEnvironment } from '@tocsin/sealing/credentials';
import { freePorts, isPortFree, repositoryRoot, startGround, type TestGround } from '@tocsin/testing';

/** Ports a stack takes: a hundred in a row from here on, one stack a test file. */
const FIRST_PORTS = [27_100, 27_200, 27_300, 27_400, 27_500, 27_600];
/** A dozen Node processes start on two busy cores. */
const READY_DEADLINE_MS = 150_000;
const STOP_DEADLINE_MS = 90_000;

/** The whole of Tocsin as processes, on the run's ground under a prefix of its own, or on an embedded ground below its state folder. */
export interface RunningStack {
  /** Folder with logs, traces, ledgers and the key file. */
  readonly state: string;
  /** host:port of the public API. */
  readonly address: string;
  /** Of the first administrator, as `tocsin-admin bootstrap` wrote it. */
  readonly adminKey: string;
  /** Base address of a process's HTTP surface: 11 gateway, 41 SMSC stand-in, 43 MTA stand-in... as tabled in docs/architecture.md. */
  http(offset: number): string;
  /** Lines of a stand-in's own ledger. */
  ledger(channel: string): readonly LedgerLine[];
  /** Process ids of a service as the supervisor recorded them. */
  pid(name: string): number;
  cli(args: readonly string[], key?: string): Promise<CliResult>;
  stop(): Promise<void>;
}

/** A stack of processes, which can be ended all at once, and which tools that read its settings can act on. */
export interface ProcessStack extends RunningStack {
  /** kill -9 of every process at once: supervisor, services, stand-ins, and a ground of its own; then the same start on what they left. */
  crash(): Promise<void>;
  /** tocsin-admin with the settings of the services, or others. */
  admin(args: readonly string[], more?: Readonly<Record<string, string>>): Promise<CliResult>;
  /** Drains and ends the processes; the folder and the ground stay. */
  halt(): Promise<void>;
}

export interface LedgerLine {
  readonly deliveryId: string;
  readonly to: string;
  readonly at: number;
  readonly part?: number;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `kept`: goes on with the folder of a stack that was halted (its key file, its providers' ledgers), on a ground that is empty or restored. */
export async function startStack(
  env: Readonly<Record<string, string>> = {},
  kept?: Pick<RunningStack, 'state' | 'adminKey'>,
): Promise<ProcessStack> {
  const root = repositoryRoot();
  const state = kept?.state ?? mkdtempSync(join(tmpdir(), 'tocsin-stack-'));
  const first = await firstFreeRange();
  const ground = env['TOCSIN_GROUND'] === 'embedded' ? undefined : await startGround();
  const settings: Record<string, string> = {
    ...(ground ? onGround(ground) : ownGround(first)),
    TOCSIN_STACK_STATE_DIR: state,
    TOCSIN_STACK_PORTS_FROM: String(first),
    ...env,
  };
  let supervisor = await startSupervisor(root, settings);
  const address = `127.0.0.1:${first + 10}`;
  const admin = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runTool(root, 'admin', args, {
      ...settings,
      ...adminLinks(settings, state),
      ...more,
      TOCSIN_KEY_FILE: join(state, 'platform.key'),
      TOCSIN_MODE: 'development',
    });
  const adminKey = kept?.adminKey ?? (await bootstrapped(admin, join(state, 'admin.key')));
  return {
    state,
    address,
    adminKey,
    http: (offset) => `http://127.0.0.1:${first + offset}`,
    ledger: (channel) => readLedger(join(state, 'ledgers', `${channel}.jsonl`)),
    pid: (name) => pidOf(join(state, 'stack.json'), name),
    admin,
    cli: (args, key = adminKey) => runTool(root, 'cli', [...args], { TOCSIN_ADDRESS: address, TOCSIN_API_KEY: key }),
    crash: async () => {
      await killEverything(supervisor, join(state, 'stack.json'));
      supervisor = await startSupervisor(root, settings);
    },
    halt: () => endSupervisor(supervisor),
    stop: async () => {
      await endSupervisor(supervisor);
      await ground?.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** With which an administrator's tool reaches a ground of closed links. */
function adminLinks(settings: Readonly<Record<string, string>>, state: string): Record<string, string> {
  return settings['TOCSIN_STACK_LINKS'] === 'closed' ? linkEnvironment(join(state, 'credentials'), 'admin', true) : {};
}

async function bootstrapped(admin: ProcessStack['admin'], keyFile: string): Promise<string> {
  const made = await admin(['bootstrap', '--out', keyFile]);
  if (made.code !== 0) throw new Error(`tocsin-admin bootstrap: ${made.stderr}`);
  return readFileSync(keyFile, 'utf8').trim();
}

function onGround(ground: TestGround): Record<string, string> {
  return {
    TOCSIN_GROUND: 'external',
    TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
    TOCSIN_MONGO_URI: ground.mongoUri,
    TOCSIN_TOPIC_PREFIX: ground.prefix,
    TOCSIN_DATABASE_PREFIX: ground.prefix,
  };
}

/** Where the supervisor puts an embedded ground, for the tools that are told by settings. */
function ownGround(first: number): Record<string, string> {
  return { TOCSIN_KAFKA_BROKERS: `127.0.0.1:${first}`, TOCSIN_MONGO_URI: `mongodb://127.0.0.1:${first + 2}` };
}

async function startSupervisor(root: string, settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(root, 'tools/stack/dist/main.js'), '--stack'], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the stack is not ready after ${READY_DEADLINE_MS / 1000} s:\n${said}`)),
      READY_DEADLINE_MS,
    );
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('Every service is ready')) {
        clearTimeout(timer);
        resolve();
      }
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the stack ended with ${code}:\n${said}`));
    });
  }).catch((failure: unknown) => {
    child.kill('SIGTERM');
    throw failure;
  });
  return child;
}

async function endSupervisor(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await ended;
  clearTimeout(timer);
}

/** The supervisor first, which would start again what ends. */
async function killEverything(supervisor: ChildProcess, stateFile: string): Promise<void> {
  const ended = new Promise<void>((resolve) => supervisor.once('exit', () => resolve()));
  supervisor.kill('SIGKILL');
  const { processes } = JSON.parse(readFileSync(stateFile, 'utf8')) as { processes: { pid: number }[] };
  for (const { pid } of processes) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It had ended already.
    }
  }
  await ended;
}

/** Runs a tool of tools/ as a person would. */
export function runTool(root: string, tool: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<CliResult> {
  const child = spawn(process.execPath, [join(root, 'tools', tool, 'dist/main.js'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr })));
}

/** Lines of a stand-in's ledger; none while it has not accepted anything. */
export function readLedger(file: string): LedgerLine[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerLine);
  } catch {
    return [];
  }
}

function pidOf(file: string, name: string): number {
  const state = JSON.parse(readFileSync(file, 'utf8')) as { processes: { name: string; pid: number }[] };
  const found = state.processes.find((process) => process.name === name);
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

/** First of a hundred ports in a row that are free. */
export async function firstFreeRange(): Promise<number> {
  for (const first of FIRST_PORTS) {
    const looked = await Promise.all([10, 11, 20, 31, 40, 43].map((offset) => isPortFree(first + offset)));
    if (looked.every(Boolean)) return first;
  }
  const [anywhere = 0] = await freePorts(1);
  return anywhere - (anywhere % 100);
}
