import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { startGround, type TestGround } from '@tocsin/testing';
import { connectMongo } from './connect.js';
import { DAY_BUCKET_IDS, type DayLists, openDayLists } from './day-lists.js';
import { DaySweep, type Treated } from './day-sweep.js';
import type { MongoConnection } from './documents.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });

describe('lists by day', () => {
  let ground: TestGround;
  let connection: MongoConnection;

  beforeAll(async () => {
    ground = await startGround();
    connection = await connectMongo(ground.mongoUri, `${ground.prefix}days`, deps);
  });
  afterAll(async () => {
    await connection.close();
    await ground.stop();
  });

  const drain = async (lists: DayLists, list: string, until: number): Promise<{ day: number; ids: string[] }[]> => {
    const days: { day: number; ids: string[] }[] = [];
    for (let page = await lists.due(list, until); page; page = await lists.due(list, until)) {
      const last = days.at(-1);
      if (last?.day === page.day) last.ids.push(...page.ids);
      else days.push({ day: page.day, ids: [...page.ids] });
      await lists.done(page);
    }
    return days;
  };

  it('gives what is due day by day over a bucket border, added by two at once, and nothing before its day', async () => {
    const [left, right] = [await openDayLists(connection, 'work'), await openDayLists(connection, 'work')];
    const ids = Array.from({ length: DAY_BUCKET_IDS + 30 }, (_, n) => `id${n}`);
    await Promise.all([left.add('a', 12, ids.slice(0, 40)), right.add('a', 12, ids.slice(40)), right.add('b', 12, ['other'])]);
    await left.add('a', 11, ['early']);
    await right.add('a', 13, ['late']);
    expect(await left.due('a', 10)).toBeNull();
    const days = await drain(left, 'a', 12);
    expect(days.map(({ day }) => day)).toEqual([11, 12]);
    expect(days[1]?.ids.toSorted()).toEqual(ids.toSorted());
    expect(await right.due('a', 12)).toBeNull();
    expect((await right.due('a', 13))?.ids).toEqual(['late']);
    expect((await left.due('b', 12))?.ids).toEqual(['other']);
  });

  it('keeps a page that was added to since it was read, and takes one twice done', async () => {
    const lists = await openDayLists(connection, 'raced');
    await lists.add('a', 1, ['one']);
    const page = await lists.due('a', 1);
    if (!page) throw new Error('a page is due');
    await lists.add('a', 1, ['two']);
    await lists.done(page);
    const again = await lists.due('a', 1);
    expect(again?.ids).toEqual(['one', 'two']);
    if (!again) throw new Error('a page is due');
    await lists.done(again);
    await lists.done(again);
    expect(await lists.due('a', 1)).toBeNull();
    await lists.add('a', 2, ['three']);
    expect((await lists.due('a', 2))?.ids).toEqual(['three']);
  });

  it('sweeps what is due, looks again tomorrow at what must wait, and leaves what another owns', async () => {
    const lists = await openDayLists(connection, 'swept');
    await lists.add('mine', 5, ['ready', 'busy']);
    await lists.add('theirs', 5, ['x']);
    let now = 5 * 86_400_000;
    let ready = false;
    const seen: string[] = [];
    const treat = (_list: string, id: string): Promise<Treated> => {
      seen.push(id);
      return Promise.resolve(id === 'busy' && !ready ? 'later' : 'done');
    };
    const sweep = new DaySweep({ lists, owned: () => ['mine'], treat, now: () => now, ...deps });
    await sweep.look();
    expect(seen).toEqual(['ready', 'busy']);
    await sweep.look();
    expect(seen).toHaveLength(2);
    now += 86_400_000;
    ready = true;
    await sweep.look();
    expect(seen).toEqual(['ready', 'busy', 'busy']);
    expect(await lists.due('mine', 99)).toBeNull();
    expect((await lists.due('theirs', 5))?.ids).toEqual(['x']);
  });
});
