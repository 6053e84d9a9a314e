import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGround, type TestGround } from './ground.js';

describe('the ground of a test run', () => {
  let ground: TestGround;
  beforeAll(async () => {
    ground = await startGround();
  });
  afterAll(() => ground.stop());

  it('answers on the brokers and on the document store it names', async () => {
    const [host, port] = (ground.brokers[0] ?? '').split(':');
    await connects(host ?? '', Number(port));
    const store = new URL(ground.mongoUri);
    await connects(store.hostname, Number(store.port));
  });

  it('gives every joiner a prefix of its own, fit for topics and databases', async () => {
    const second = await startGround();
    expect(second.prefix).not.toBe(ground.prefix);
    expect(second.prefix).toMatch(/^[a-z0-9]+-$/);
    expect(second.brokers).toEqual(ground.brokers);
  });
});

function connects(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
