// node worker.js '<WorkerOptions as JSON>': the control's worker, a process of its own so that its CPU can be read. Ends at SIGTERM.
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { openSmppSink } from './smpp-sink.js';
import { QUEUE, type AlertJob, type WorkerOptions } from './worker-options.js';

/** How long one message may take at most before BullMQ thinks its worker has died, ms (BullMQ's own default). */
const LOCK_MS = 30_000;
const SECOND_MS = 1_000;

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerOptions;
const submit = options.smppPort > 0 ? await openSmppSink(options.smppPort) : () => Promise.resolve();
const connection = new Redis({ host: '127.0.0.1', port: options.redisPort, maxRetriesPerRequest: null });
const worker = new Worker<AlertJob>(QUEUE, ({ data }) => submit(data.deliveryId, data.to, data.text), {
  connection,
  concurrency: options.concurrency,
  lockDuration: LOCK_MS,
  ...(options.ratePerSecond > 0 ? { limiter: { max: options.ratePerSecond, duration: SECOND_MS } } : {}),
});
worker.on('error', (error) => process.stderr.write(`BullMQ worker: ${String(error)}\n`));
await worker.waitUntilReady();
process.stdout.write('ready\n');
process.once('SIGTERM', () => {
  // What is at work is finished: a job left open would be sent again.
  void worker.close().finally(() => process.exit(0));
});
