import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ensureKeyFile,
  freePorts,
  isReady,
  ManagedProcess,
  repositoryRoot,
  SERVICE_NODE_FLAGS,
  startEmbeddedGround,
  waitUntil,
  type EmbeddedGround,
} from '@tocsin/testing';
import type { CpuSeconds } from '../world/cpu.js';

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;
const SCRAPE_DEADLINE_MS = 5_000;

/** What the queue path runs in, by name as in the result. */
export const ROUTING = 'routing';
export const CHANNEL = 'channel-null';

interface Service {
  readonly process: ManagedProcess;
  readonly httpPort: number;
}

export interface ProcessesOptions {
  /** Emptied first. */
  readonly folder: string;
  readonly audiencePort: number;
  readonly ratePerSecond: number;
  readonly say: (line: string) => void;
}

/** Broker, document store, routing and a null channel: the queue path and nothing else. */
export class GrowthProcesses {
  private constructor(
    readonly ground: EmbeddedGround,
    private readonly services: ReadonlyMap<string, Service>,
    readonly tellTale: string,
  ) {}

  static async start({ folder, audiencePort, ratePerSecond, say }: ProcessesOptions): Promise<GrowthProcesses> {
    const root = repositoryRoot();
    const [kafka = 0, controller = 0, store = 0, routingPort = 0, channelPort = 0] = await freePorts(5);
    const ground = await startEmbeddedGround({
      root,
      dataDir: join(folder, 'data'),
      cacheDir: join(root, '.tocsin', 'cache'),
      logDir: join(folder, 'logs'),
      ports: { kafka, controller, store },
      progress: say,
    });
    const services = new Map<string, Service>();
    const tellTale = join(folder, 'tell-tale.jsonl');
    try {
      writeFileSync(tellTale, '');
      const shared = {
        TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
        TOCSIN_MONGO_URI: ground.mongoUri,
        TOCSIN_KEY_FILE: keyFileOf(folder),
        TOCSIN_MODE: 'development',
        TOCSIN_ADDRESSES_SUBSCRIBERS: `127.0.0.1:${audiencePort}`,
        TOCSIN_ADDRESSES_DELIVERIES: '127.0.0.1:1',
      };
      const start = async (name: string, script: string, httpPort: number, env: Readonly<Record<string, string>>): Promise<void> => {
        const variable = `TOCSIN_${name.toUpperCase().replaceAll('-', '_')}`;
        const process = await ManagedProcess.start({
          name,
          command: globalThis.process.execPath,
          args: [...SERVICE_NODE_FLAGS, join(root, script)],
          env: {
            ...machineEnv(),
            ...shared,
            ...env,
            [`${variable}_HTTP_PORT`]: String(httpPort),
            TOCSIN_TRACE_FILE: join(folder, `${name}.traces`),
          },
          cwd: root,
          logFile: join(folder, 'logs', `${name}.log`),
        });
        services.set(name, { process, httpPort });
      };
      await start(CHANNEL, 'tools/bench/dist/growth/null-channel/main.js', channelPort, {
        TOCSIN_CHANNEL_NULL_RATE: String(ratePerSecond),
        TOCSIN_CHANNEL_NULL_TELL_TALE: tellTale,
      });
      await start(ROUTING, 'services/routing/dist/main.js', routingPort, {});
      await waitUntil('routing to be ready', () => isReady(routingPort), READY_DEADLINE_MS);
    } catch (failure) {
      await Promise.all([...services.values()].map(({ process }) => process.stop(STOP_DEADLINE_MS)));
      await ground.stop();
      throw failure;
    }
    return new GrowthProcesses(ground, services, tellTale);
  }

  /** Binds or unbinds the null provider. */
  toggleProvider(): void {
    this.serviceOf(CHANNEL).process.signal('SIGUSR2');
  }

  /** Sum of a metric's series of a service whose labels hold a text; NaN until there is one. */
  async metric(service: string, name: string, label = ''): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.serviceOf(service).httpPort}/metrics`, {
      signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS),
    });
    return sumOfSeries(await answer.text(), name, label);
  }

  /** CPU seconds so far, by process. */
  cpu(): CpuSeconds {
    return new Map(this.all().map((process) => [process.name, process.sampleUsage().cpuSeconds]));
  }

  pids(): ReadonlyMap<string, number> {
    return new Map(this.all().map((process) => [process.name, process.pid]));
  }

  /** Throws when one of them has ended: no figure means anything then. */
  check(): void {
    for (const process of this.all()) if (process.exit !== undefined) throw new Error(`${process.name} has ended:\n${process.tail()}`);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map(({ process }) => process.stop(STOP_DEADLINE_MS)));
    await this.ground.stop();
  }

  private all(): readonly ManagedProcess[] {
    return [...[...this.services.values()].map(({ process }) => process), ...this.ground.processes];
  }

  private serviceOf(name: string): Service {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`no process is called ${name}`);
    return service;
  }
}

/** The platform key of a run. */
export function keyFileOf(folder: string): string {
  return join(folder, 'platform.key');
}

/** An empty folder with a key in it. */
export function emptyFolder(folder: string): void {
  if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  ensureKeyFile(keyFileOf(folder));
}

/** Put before every metric's name by libs/observability. */
const METRIC_PREFIX = 'tocsin_';

/** Sum of a metric's series in Prometheus' text format that hold the label; NaN when there is none, which equals nothing. */
export function sumOfSeries(text: string, name: string, label: string): number {
  const full = METRIC_PREFIX + name;
  const series = text.split('\n').filter((line) => line.startsWith(full) && /^[ {]/.test(line.slice(full.length)) && line.includes(label));
  return series.length === 0 ? NaN : series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function machineEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined || key.startsWith('TOCSIN_') ? [] : [[key, value]])),
  );
}
