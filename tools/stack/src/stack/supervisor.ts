import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { ensureKeyFile, isNoSpace, isReady, requireDiskSpace, waitUntil, type ManagedProcess, type ProcessUsage } from '@tocsin/testing';
import { runTool } from '../job/run-tool.js';
import { findChannels, type ChannelStack } from './channel-stack.js';
import { areLinksClosed, ClosedLinks } from './closed-links.js';
import { groundKind, type Ground } from './ground.js';
import { instancesOf } from './instances.js';
import { oneHost, prefixOf, type Layout } from './layout.js';
import type { StackPaths } from './paths.js';
import { requireFreePorts } from './port-holder.js';
import { firstPort, GROUND_OFFSETS, SERVICE_OFFSETS } from './port-plan.js';
import { planExtraInstance, planProcesses, toolSettings, type PlannedProcess, type PlanOptions } from './process-plan.js';
import { takeStackLock } from './stack-lock.js';
import { endLeftovers, writeStackState } from './state-file.js';
import { SupervisedProcess } from './supervised-process.js';
import { writeRoutes } from './two-routes.js';

/** Eight Node processes start side by side on two cores in about 6 s; topics are made and groups joined meanwhile. */
const READY_DEADLINE_MS = 90_000;
/** A look asks a dozen processes, which are busy starting. */
const READY_LOOK_MS = 250;
/** A drain awaits answers for 5 s, commits and closes. */
const STOP_DEADLINE_MS = 12_000;
/** Wait before a restart at which a broker or store has ended six times in a row, each time at once. */
const GROUND_GIVEN_UP_MS = 5_000;
/** One question to Kafka, and a program that starts. */
const TOOL_DEADLINE_MS = 60_000;
/** A peak is seen at most this late; reading a dozen /proc files costs 1 ms. */
const SAMPLE_EVERY_MS = 500;

export interface SupervisorEvents {
  readonly progress: (line: string) => void;
  /** Something the stack cannot go on without has ended. */
  readonly broken: (sentence: string) => void;
}

/** Starts the ground, one instance of each process, keeps them running, and ends exactly those. */
export class Supervisor {
  readonly channels: readonly ChannelStack[];
  readonly firstPort: number;
  /** Undefined where links are open. */
  readonly links: ClosedLinks | undefined;
  #ground: Ground | undefined;
  /** As they were first started; kept running by #groundKept once all are up. */
  #groundProcesses: ManagedProcess[] = [];
  readonly #groundKept = new Map<string, SupervisedProcess>();
  #planned: readonly PlannedProcess[] = [];
  #running = new Map<string, SupervisedProcess>();
  /** What processes used that were ended or replaced on purpose. */
  readonly #past = new Map<string, ProcessUsage>();
  /** How often those were restarted because they had ended on their own. */
  #pastRestarts = 0;
  #release: (() => void) | undefined;
  /** Kept stopped on purpose. */
  readonly #aside = new Set<string>();
  #sampler: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  readonly #abort = new AbortController();
  readonly #startedAt = Date.now();

  constructor(
    readonly paths: StackPaths,
    private readonly env: NodeJS.ProcessEnv,
    private readonly events: SupervisorEvents,
    /** True: the ground is started again whatever ended it, since whoever filled its disk will empty it. */
    private readonly rehearsesFaults = false,
    readonly layout: Layout = oneHost(env, instancesOf(env)),
  ) {
    this.channels = findChannels(paths.root);
    this.firstPort = firstPort(env);
    const keys = this.channels.map(({ channel }) => channel);
    this.links = areLinksClosed(env) ? new ClosedLinks({ paths, channels: keys, hosts: layout.hosts, tools: layout.tools }) : undefined;
  }

  get ground(): Ground {
    if (this.#ground === undefined) throw new Error('the ground is asked for before it has started');
    return this.#ground;
  }

  /** Resolves when Kafka and the store answer. */
  async startGround(): Promise<void> {
    const kind = groundKind(this.env);
    requireDiskSpace(this.paths.state);
    this.#release = takeStackLock(this.paths.lockFile);
    const left = endLeftovers(this.paths.stateFile);
    if (left.length > 0) this.events.progress(`Ended what a killed start had left running: ${left.join(', ')}.`);
    for (const folder of [this.paths.logs, this.paths.traces, this.paths.ledgers]) mkdirSync(folder, { recursive: true });
    ensureKeyFile(this.paths.keyFile);
    await requireFreePorts(this.#namedPorts(kind));
    this.#sampler = setInterval(() => this.usage(), SAMPLE_EVERY_MS);
    await this.links?.prepare(kind);
    const ground = await this.layout.startGround({
      paths: this.paths,
      firstPort: this.firstPort,
      env: this.env,
      ...(this.links && { credentials: this.links.dir }),
      progress: (line) => this.events.progress(line),
      onProcess: (started) => {
        this.#groundProcesses.push(started);
        this.#record();
        if (this.#abort.signal.aborted) started.signal('SIGTERM');
      },
      signal: this.#abort.signal,
    });
    await this.links?.apply(ground);
    this.#ground = ground;
    for (const running of this.#groundProcesses) this.#keepGround(running);
  }

  /** A broker or store that ends is started again, as any service is; on a full disk it would only end again. */
  #keepGround(running: ManagedProcess): void {
    const kept = SupervisedProcess.adopt(running, {
      started: () => this.#record(),
      ended: (name, how, restartInMs) => {
        if (this.#abort.signal.aborted) return;
        this.#record();
        if (!this.rehearsesFaults && isNoSpace(new Error(kept.current?.tail() ?? '')))
          return this.events.broken(fullDisk(name, this.paths));
        if (!this.rehearsesFaults && restartInMs >= GROUND_GIVEN_UP_MS)
          return this.events.broken(`${name} ends again and again: see ${this.paths.logs}.`);
        this.events.progress(`${name} ended (${how}); restarting in ${restartInMs} ms.`);
      },
    });
    this.#groundKept.set(running.name, kept);
  }

  /** Resolves when every ready endpoint answers 200. */
  async startServices(): Promise<void> {
    const options = this.#planOptions(this.ground);
    writeRoutes(options);
    this.#planned = planProcesses(options);
    await this.#reach(this.#planned);
    await Promise.all(this.#planned.map((planned) => this.#start(planned)));
    await this.waitUntilReady(READY_DEADLINE_MS);
    const script = join(this.paths.root, 'tools', 'admin', 'dist', 'main.js');
    await this.layout.settle?.(
      async (args) => void (await runTool(script, args, this.toolSettings(), TOOL_DEADLINE_MS, this.layout.tools)),
    );
  }

  async waitUntilReady(deadlineMs: number): Promise<void> {
    let waitingFor: readonly string[] = [];
    try {
      await waitUntil(
        'every ready endpoint',
        async () => {
          waitingFor = await this.notReady();
          return waitingFor.length === 0 || this.#abort.signal.aborted;
        },
        deadlineMs,
        READY_LOOK_MS,
      );
      // Whoever waits here is no longer listened to; what comes next must not run.
      if (this.#abort.signal.aborted) await new Promise<never>(() => undefined);
    } catch (failure) {
      const logs = waitingFor.map((name) => join(this.paths.logs, `${name}.log`)).join(', ');
      throw new TocsinError('UNAVAILABLE', 'NOT_READY', `Not ready after ${deadlineMs / 1000} s: ${waitingFor.join(', ')}; see ${logs}.`, {
        cause: failure,
      });
    }
  }

  async notReady(): Promise<readonly string[]> {
    const expected = this.#planned.filter(({ name }) => !this.#aside.has(name));
    const answers = await Promise.all(expected.map(async ({ name, httpPort }) => ({ name, ready: await isReady(httpPort) })));
    return answers.filter(({ ready }) => !ready).map(({ name }) => name);
  }

  serviceNames(): readonly string[] {
    return this.#planned.filter(({ kind }) => kind === 'service').map(({ name }) => name);
  }

  httpPort(name: string): number {
    return this.#plannedAs(name).httpPort;
  }

  /** Port of the public gRPC API. */
  gatewayPort(): number {
    return this.firstPort + (SERVICE_OFFSETS['gateway']?.grpc ?? 0);
  }

  /** Process ids of everything that runs, by name: one that has not changed was not restarted. */
  pids(): ReadonlyMap<string, number> {
    return new Map([...this.#running.values()].flatMap(({ name, current }) => (current === undefined ? [] : [[name, current.pid]])));
  }

  /** Names of the ground's processes that run here: none where somebody else runs them. */
  groundNames(): readonly string[] {
    return [...this.#groundKept.keys()];
  }

  /** Everything beside the ground, as planned. */
  planned(): readonly PlannedProcess[] {
    return this.#planned;
  }

  /** Process id of a service, a stand-in or a part of the ground; undefined while it is down. */
  pid(name: string): number | undefined {
    const current = this.#supervised(name)?.current;
    return current?.exit === undefined ? current?.pid : undefined;
  }

  /** kill -9 of a service, a stand-in or a part of the ground; it is started again, `downForMs` milliseconds later at the earliest. */
  kill(name: string, downForMs = 0): boolean {
    return this.#supervised(name)?.kill(downForMs) ?? false;
  }

  /** Any other signal to a process and its children (SIGSTOP, SIGCONT); false when it does not run. */
  signal(name: string, signal: NodeJS.Signals): boolean {
    return this.#supervised(name)?.current?.signal(signal) ?? false;
  }

  #supervised(name: string): SupervisedProcess | undefined {
    return this.#running.get(name) ?? this.#groundKept.get(name);
  }

  /** Drains a service or stops a part of the ground, and keeps it stopped until it is brought back. */
  async setAside(name: string): Promise<void> {
    this.#aside.add(name);
    await this.#supervised(name)?.stop(STOP_DEADLINE_MS);
  }

  async bringBack(name: string): Promise<void> {
    this.#aside.delete(name);
    await this.#supervised(name)?.again();
  }

  /** Settings of tools that act on what runs. */
  toolSettings(): Record<string, string> {
    return toolSettings(this.#planOptions(this.ground), this.layout.tools);
  }

  /** Drains a process and starts it anew with settings beside its own; resolves when everything is ready again. */
  async restartWith(name: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const planned = this.#plannedAs(name);
    await this.endInstance(name);
    this.#planned = [...this.#planned, planned];
    await this.#start({ ...planned, env: { ...planned.env, ...settings } });
    await this.waitUntilReady(READY_DEADLINE_MS);
  }

  /** Starts one more instance of a service ("channel-sms" -> "channel-sms-2"), with settings beside its own, and answers its name; it is not waited for. */
  async addInstance(service: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const planned = planExtraInstance(this.#planOptions(this.ground), service, 1);
    if (this.#running.has(planned.name)) throw new Error(`${planned.name} runs already`);
    this.#planned = [...this.#planned, planned];
    await this.#reach([planned]);
    await this.#start({ ...planned, env: { ...planned.env, ...settings } });
    return planned.name;
  }

  /** Ends a process for good: drained, or killed at once with a deadline of 0. What it used stays counted. */
  async endInstance(name: string, deadlineMs = STOP_DEADLINE_MS): Promise<void> {
    const planned = this.#plannedAs(name);
    const running = this.#running.get(name);
    if (deadlineMs === 0) running?.kill();
    await running?.stop(deadlineMs);
    this.#planned = this.#planned.filter((other) => other !== planned);
    if (running !== undefined) {
      this.#past.set(name, this.#usageOf(running));
      this.#pastRestarts += running.restarts;
    }
    this.#running.delete(name);
  }

  restarts(): number {
    return [...this.#running.values()].reduce((sum, process) => sum + process.restarts, this.#pastRestarts);
  }

  /** Of every process, the ground's included, over all its incarnations. */
  usage(): ReadonlyMap<string, ProcessUsage> {
    const ground = this.#groundProcesses.map((process): [string, ProcessUsage] => [
      process.name,
      this.#groundKept.get(process.name)?.usage() ?? process.sampleUsage(),
    ]);
    const services = [...this.#running.values()].map((process): [string, ProcessUsage] => [process.name, this.#usageOf(process)]);
    return new Map([...ground, ...this.#past, ...services]);
  }

  /** Drains step by step, then ends the ground and gives the lock back; calling it again waits for the same end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#abort.abort();
    for (const step of [...new Set(this.#planned.map(({ drainStep }) => drainStep))].toSorted((a, b) => a - b)) {
      const names = this.#planned.filter(({ drainStep }) => drainStep === step).map(({ name }) => name);
      await Promise.all(names.map(async (name) => this.#running.get(name)?.stop(STOP_DEADLINE_MS)));
    }
    await Promise.all([...this.#groundKept.values()].map((kept) => kept.stop(STOP_DEADLINE_MS)));
    await this.#ground?.stop();
    await Promise.all(this.#groundProcesses.map((process) => process.stop(STOP_DEADLINE_MS)));
    await this.layout.close();
    clearInterval(this.#sampler);
    this.#release?.();
  }

  #reach(planned: readonly PlannedProcess[]): Promise<void> {
    return this.layout.reach(
      planned.flatMap(({ place, httpPort, otherPorts }) =>
        [httpPort, ...otherPorts.map(({ port }) => port)].map((port) => ({ place, port })),
      ),
    );
  }

  #plannedAs(name: string): PlannedProcess {
    const planned = this.#planned.find((process) => process.name === name);
    if (planned === undefined) throw new Error(`no process is called ${name}`);
    return planned;
  }

  #usageOf(process: SupervisedProcess): ProcessUsage {
    const past = this.#past.get(process.name) ?? { peakRssMiB: 0, cpuSeconds: 0 };
    const now = process.usage();
    return { peakRssMiB: Math.max(past.peakRssMiB, now.peakRssMiB), cpuSeconds: past.cpuSeconds + now.cpuSeconds };
  }

  #planOptions(ground: PlanOptions['ground']): PlanOptions {
    return {
      paths: this.paths,
      firstPort: this.firstPort,
      channels: this.channels,
      ground,
      layout: this.layout,
      env: this.env,
      ...(this.links && { links: (service: string) => this.links?.environment(service) ?? {} }),
    };
  }

  async #start(planned: PlannedProcess): Promise<void> {
    const supervised = new SupervisedProcess(
      {
        name: planned.name,
        ...planned.place.wrap(process.execPath, planned.args),
        env: { ...machineEnv(this.env), ...planned.env, ...(planned.kind === 'service' ? this.layout.environment?.(planned.name) : {}) },
        cwd: this.paths.root,
        logFile: join(this.paths.logs, `${planned.name}.log`),
      },
      {
        started: () => this.#record(),
        ended: (name, how, restartInMs) => {
          this.#record();
          this.events.progress(`${name} ended (${how}); restarting in ${restartInMs} ms.`);
        },
      },
    );
    this.#running.set(planned.name, supervised);
    await supervised.start();
  }

  #record(): void {
    const supervised = [...this.#running.values()].flatMap(({ name, current, ends }) =>
      current === undefined ? [] : [{ name, current, ends }],
    );
    const ground = this.#groundProcesses.map((first) => {
      const kept = this.#groundKept.get(first.name);
      return { name: first.name, current: kept?.current ?? first, ends: kept?.ends ?? [] };
    });
    writeStackState(this.paths.stateFile, {
      startedAt: this.#startedAt,
      ...(this.#ground === undefined ? {} : { settings: toolSettings(this.#planOptions(this.#ground), this.layout.tools) }),
      toolsPrefix: prefixOf(this.layout.tools),
      processes: [...ground, ...supervised].map(({ name, current, ends }) => {
        const planned = this.#planned.find((candidate) => candidate.name === name);
        return {
          name,
          pid: current.pid,
          startTicks: current.startTicks ?? 0,
          httpPort: planned?.httpPort,
          ...(planned ? { http: `http://${planned.place.host}:${planned.httpPort}`, place: planned.place.name } : {}),
          ends,
        };
      }),
    });
  }

  #namedPorts(kind: Ground['kind']): readonly { name: string; port: number }[] {
    const ground =
      kind === 'external' ? [] : Object.entries(GROUND_OFFSETS).map(([name, offset]) => ({ name, port: this.firstPort + offset }));
    const planned = planProcesses(this.#planOptions({ brokers: [], mongoUri: '' }));
    return [...ground, ...planned.flatMap(({ name, httpPort, otherPorts }) => [...otherPorts, { name: `${name} HTTP`, port: httpPort }])];
  }
}

/** What any program needs; settings of Tocsin come from the plan alone. */
function machineEnv(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([key]) => !key.startsWith('TOCSIN_')));
}

function fullDisk(ended: string, paths: StackPaths): string {
  return `The disk of ${paths.state} is full and ${ended} has stopped: free at least 2 GiB there, then start again.`;
}
