import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { freePorts, isReady, ManagedProcess, readTail, repositoryRoot, waitUntil } from '@tocsin/testing';
import { ProviderLedger } from '../../world/provider-ledger.js';
import { RedisServer } from './redis-server.js';
import { QUEUE, type AlertJob, type WorkerOptions } from './worker-options.js';

/** Jobs of one addBulk: one Redis pipeline; larger ones are no cheaper a job and hold the server longer. */
const ADDED_TOGETHER = 1_000;
const CONCURRENCY = 100;
const READY_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 5_000;
/** How often a wait for the end of the queue looks, ms. */
const LOOK_MS = 100;
/** As long as Tocsin's: 139 characters. */
const TEXT =
  'ALERTE CRUE: quittez les berges et les sous-sols, coupez le gaz et montez a l etage. Ecoutez la radio. Exercice de mesure. STOP au 36111.';

export interface BullMqOptions {
  /** Emptied first; Redis, the stand-in and the worker write here. */
  readonly folder: string;
  /** Messages a second of BullMQ's limiter and of the provider; 0 = neither limits. */
  readonly ratePerSecond: number;
  /** 'smpp': an SMSC stand-in of its own, whose ledger is `ledger`; 'none': a sink that does nothing. */
  readonly provider: 'smpp' | 'none';
}

export interface Added {
  /** Unix ms of the first addBulk's call and of the last one's answer. */
  readonly calledAt: number;
  readonly answeredAt: number;
}

/** What a team would build instead: BullMQ on Redis, one queue, one worker process, its limiter at the provider's rate. */
export class BullMq {
  private constructor(
    private readonly redis: RedisServer,
    private readonly processes: readonly ManagedProcess[],
    private readonly queue: Queue<AlertJob>,
    private readonly connection: Redis,
    /** What the control's provider accepted. */
    readonly ledger: ProviderLedger,
    private readonly worker: {
      options: WorkerOptions;
      process: ManagedProcess | undefined;
      pastCpuSeconds: number;
      readonly folder: string;
    },
  ) {}

  /** Redis and the provider; work begins with `work()`, so that a backlog can be there before. */
  static async start({ folder, ratePerSecond, provider }: BullMqOptions): Promise<BullMq> {
    const [redisPort = 0, smppPort = 0, httpPort = 0] = await freePorts(3);
    const redis = await RedisServer.start(join(folder, 'redis'), redisPort);
    const ledgerFile = join(folder, 'redis', 'ledger.jsonl');
    const processes: ManagedProcess[] = [];
    if (provider === 'smpp') processes.push(await startStandIn(folder, smppPort, httpPort, ledgerFile, ratePerSecond));
    const connection = new Redis({ host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null });
    const queue = new Queue<AlertJob>(QUEUE, { connection });
    const options = { redisPort, concurrency: CONCURRENCY, ratePerSecond, smppPort: provider === 'smpp' ? smppPort : 0 };
    return new BullMq(redis, processes, queue, connection, new ProviderLedger(ledgerFile), {
      options,
      process: undefined,
      pastCpuSeconds: 0,
      folder,
    });
  }

  /** A campaign as jobs, in order. `priority`: 0 = none (served first), else the lower the sooner; the name may hold no dot. */
  async add(campaign: string, contacts: number, priority = 0): Promise<Added> {
    const calledAt = Date.now();
    const opts = { removeOnComplete: true, removeOnFail: true, attempts: 5, ...(priority > 0 ? { priority } : {}) };
    for (let from = 0; from < contacts; from += ADDED_TOGETHER) {
      const jobs = Array.from({ length: Math.min(ADDED_TOGETHER, contacts - from) }, (_, place) => ({
        name: 'sms',
        data: { deliveryId: `${campaign}.${from + place}`, to: `+3379${String(from + place).padStart(7, '0')}`, text: TEXT },
        opts,
      }));
      await this.queue.addBulk(jobs);
    }
    return { calledAt, answeredAt: Date.now() };
  }

  /** Starts the worker; resolves when it takes jobs. */
  async work(): Promise<void> {
    const logFile = join(this.worker.folder, 'redis', `worker-${Date.now()}.log`);
    const script = join(repositoryRoot(), 'tools', 'bench', 'dist', 'peers', 'bullmq', 'worker.js');
    const args = [script, JSON.stringify(this.worker.options)];
    const started = await ManagedProcess.start({
      name: 'bullmq-worker',
      command: process.execPath,
      args,
      env: process.env,
      cwd: repositoryRoot(),
      logFile,
    });
    this.worker.process = started;
    await waitUntil(
      'the BullMQ worker',
      () => {
        if (started.exit !== undefined) throw new Error(`the BullMQ worker ended: ${started.tail()}`);
        return readTail(logFile).includes('ready');
      },
      READY_DEADLINE_MS,
    );
  }

  /** Jobs that are not done. */
  async waiting(): Promise<number> {
    const counts = await this.queue.getJobCounts('waiting', 'active', 'prioritized', 'delayed');
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** Ends the worker; the jobs stay. Throws when it had ended on its own: the round then means nothing. */
  async rest(): Promise<void> {
    const { process: worked } = this.worker;
    if (worked?.exit !== undefined) throw new Error(`the BullMQ worker ended: ${worked.tail()}`);
    await worked?.stop(STOP_DEADLINE_MS);
    this.worker.pastCpuSeconds += worked?.sampleUsage().cpuSeconds ?? 0;
    this.worker.process = undefined;
  }

  /** Ends the worker and forgets every job: the next round starts empty. */
  async clear(): Promise<void> {
    await this.rest();
    await this.connection.flushall();
    this.ledger.forget();
  }

  /** Resolves when no job waits or is at work. */
  async drained(deadlineMs: number): Promise<void> {
    await waitUntil('the queue of BullMQ', async () => (await this.waiting()) === 0, deadlineMs, LOOK_MS);
  }

  /** CPU seconds so far: Redis, the worker over all its incarnations, and the provider's stand-in. Whoever adds jobs pays for that itself. */
  cpu(): ReadonlyMap<string, number> {
    const worker = this.worker.pastCpuSeconds + (this.worker.process?.sampleUsage().cpuSeconds ?? 0);
    const others = [this.redis.process, ...this.processes].map((one): [string, number] => [one.name, one.sampleUsage().cpuSeconds]);
    return new Map([...others, ['bullmq-worker', worker]]);
  }

  async stop(): Promise<void> {
    await this.worker.process?.stop(STOP_DEADLINE_MS);
    await this.queue.close();
    this.connection.disconnect();
    await Promise.all(this.processes.map((process) => process.stop(STOP_DEADLINE_MS)));
    await this.redis.stop();
  }
}

async function startStandIn(folder: string, port: number, httpPort: number, ledger: string, rate: number): Promise<ManagedProcess> {
  const root = repositoryRoot();
  const started = await ManagedProcess.start({
    name: 'stand-in of BullMQ',
    command: process.execPath,
    args: [join(root, 'services', 'channel-sms', 'dist', 'providers', 'smpp', 'stand-in.js')],
    env: {
      ...process.env,
      TOCSIN_STANDIN_PORT: String(port),
      TOCSIN_STANDIN_HTTP_PORT: String(httpPort),
      TOCSIN_STANDIN_LEDGER: ledger,
      TOCSIN_STANDIN_RATE: String(rate > 0 ? rate : UNLIMITED),
    },
    cwd: root,
    logFile: join(folder, 'redis', 'stand-in.log'),
  });
  await waitUntil('the SMSC stand-in of BullMQ', () => isReady(httpPort), READY_DEADLINE_MS);
  return started;
}

/** Messages a second no process here reaches. */
const UNLIMITED = 100_000;
