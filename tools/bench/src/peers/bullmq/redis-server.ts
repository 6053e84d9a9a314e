import { mkdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { ManagedProcess, waitUntil } from '@tocsin/testing';

const UP_DEADLINE_MS = 10_000;
const CONNECT_DEADLINE_MS = 1_000;
const STOP_DEADLINE_MS = 5_000;

/** A Redis of Debian's package in a folder of its own, emptied first, on loopback. */
export class RedisServer {
  private constructor(
    readonly port: number,
    readonly process: ManagedProcess,
  ) {}

  /** Persistence is what a team runs that may not lose alerts: an append-only file, synced once a second, no snapshots. */
  static async start(folder: string, port: number): Promise<RedisServer> {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];
    const started = await run([...args, ...durable, '--maxmemory-policy', 'noeviction'], folder);
    try {
      await waitUntil('Redis', async () => started.exit !== undefined || (await answers(port)), UP_DEADLINE_MS);
      if (started.exit !== undefined) throw new Error(`redis-server ended at once: ${started.tail()}`);
    } catch (failure) {
      await started.stop(STOP_DEADLINE_MS);
      throw failure;
    }
    return new RedisServer(port, started);
  }

  async stop(): Promise<void> {
    await this.process.stop(STOP_DEADLINE_MS);
  }
}

async function run(args: readonly string[], folder: string): Promise<ManagedProcess> {
  try {
    const logFile = join(folder, 'redis.log');
    return await ManagedProcess.start({ name: 'redis', command: 'redis-server', args, env: process.env, cwd: folder, logFile });
  } catch (failure) {
    const sentence = 'The control needs redis-server, which is not installed: apt-get install redis-server.';
    throw new TocsinError('FAILED_PRECONDITION', 'REDIS_MISSING', sentence, { cause: failure });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: CONNECT_DEADLINE_MS });
    const end = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => end(data.toString('latin1').startsWith('+PONG')));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
