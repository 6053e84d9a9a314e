import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { startGround, type TestGround } from '@tocsin/testing';
import { connectMongo } from './connect.js';
import type { MongoConnection } from './documents.js';
import { BUCKET_IDS, openIdLists } from './id-lists.js';
import { migrate } from './migrations.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

describe('id lists and migrations', () => {
  let ground: TestGround;
  let connection: MongoConnection;

  beforeAll(async () => {
    ground = await startGround();
    connection = await connectMongo(ground.mongoUri, `${ground.prefix}lists`, deps);
  });
  afterAll(async () => {
    await connection.close();
    await ground.stop();
  });

  it('gives every id once, page by page over a bucket border, though added by two at once and twice', async () => {
    const [left, right] = [await openIdLists(connection, 'names'), await openIdLists(connection, 'names')];
    const ids = Array.from({ length: BUCKET_IDS + 40 }, (_, n) => `id${n}`);
    await left.append('tenants', 'id0');
    for (const [at, id] of ids.entries()) {
      if (at % 100 === 0) await Promise.all([left.append('tenants', id), right.append('tenants', id), right.append('others', id)]);
      else await (at % 2 ? left : right).append('tenants', id);
    }
    const read: string[] = [];
    let token = '';
    let pages = 0;
    do {
      const page = await right.page('tenants', 70, token);
      read.push(...page.ids);
      token = page.nextPageToken;
      pages += 1;
    } while (token !== '');
    expect(read).toEqual(ids);
    expect(pages).toBe(8);
    expect(await left.page('nothing', 10, '')).toEqual({ ids: [], nextPageToken: '' });
    await expect(left.page('tenants', 10, '1;x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('applies each migration once, in order, and again what a crash left unrecorded', async () => {
    const ran: string[] = [];
    const step = (id: string, fails = false) => ({
      id,
      run: async () => {
        ran.push(id);
        if (fails) throw new Error('crash');
      },
    });
    const shell = { logger: deps.logger, now: () => 1 };
    await expect(migrate(connection, [step('one'), step('two', true), step('three')], shell)).rejects.toThrow('crash');
    await migrate(connection, [step('one'), step('two'), step('three')], shell);
    await migrate(connection, [step('one'), step('two'), step('three')], shell);
    expect(ran).toEqual(['one', 'two', 'two', 'three']);
  });
});
