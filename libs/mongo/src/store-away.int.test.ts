import { connect as dial, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { startGround, type TestGround } from '@tocsin/testing';
import { connectMongo } from './connect.js';
import type { Documents, Guarded, MongoConnection } from './documents.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

/** Between client and store: carries bytes, holds them back (a frozen host) or cuts (a killed one). */
class Wire {
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(target: URL): Promise<Wire> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const wire = new Wire(server, typeof address === 'object' && address ? address.port : 0);
    server.on('connection', (near) => {
      const far = dial(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        wire.sockets.add(one);
        one.on('data', (bytes) => other.write(bytes));
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        if (wire.frozen) one.pause();
      }
    });
    return wire;
  }

  freeze(frozen: boolean): void {
    this.frozen = frozen;
    for (const socket of this.sockets)
      if (frozen) socket.pause();
      else socket.resume();
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}

describe('a store that goes away', () => {
  let ground: TestGround;
  let wire: Wire;
  let connection: MongoConnection;
  let items: Documents<Guarded>;

  beforeAll(async () => {
    ground = await startGround();
    wire = await Wire.to(new URL(ground.mongoUri.replace('mongodb:', 'http:')));
    connection = await connectMongo(`mongodb://127.0.0.1:${wire.port}/?directConnection=true`, `${ground.prefix}away`, deps);
    items = await connection.documents('items');
    await items.insert({ _id: 'a', v: 1 });
  });
  afterAll(async () => {
    wire.close();
    await connection.close();
    await ground.stop();
  });

  async function backWithin(ms: number): Promise<void> {
    await expect
      .poll(
        () =>
          items.get('a').then(
            (found) => found?._id,
            () => 'away',
          ),
        { timeout: ms, interval: 100 },
      )
      .toBe('a');
  }

  it('is reached again at once after every connection was cut', async () => {
    wire.cut();
    await backWithin(3_000);
    expect(connection.healthy()).toBe(true);
  });

  it('when frozen fails each command within 6 s as UNAVAILABLE, says it is not healthy, and serves again when it thaws', async () => {
    wire.freeze(true);
    const started = performance.now();
    const failures = await Promise.all(
      Array.from({ length: 20 }, () =>
        items.get('a').then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    expect(performance.now() - started).toBeLessThan(6_000);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'UNAVAILABLE', reason: 'STORE_UNAVAILABLE' });
    await expect.poll(() => connection.healthy(), { timeout: 8_000 }).toBe(false);
    wire.freeze(false);
    await backWithin(10_000);
    await expect.poll(() => connection.healthy(), { timeout: 8_000 }).toBe(true);
  });

  it('is awaited by one that starts without it, for as long as it may', async () => {
    wire.freeze(true);
    const address = `mongodb://127.0.0.1:${wire.port}/?directConnection=true`;
    await expect(connectMongo(address, `${ground.prefix}away`, deps)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const opening = connectMongo(address, `${ground.prefix}away`, deps, 60_000);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    wire.freeze(false);
    const opened = await opening;
    expect(opened.healthy()).toBe(true);
    await opened.close();
  }, 30_000);
});
