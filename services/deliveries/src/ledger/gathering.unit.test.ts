import { describe, expect, it } from 'vitest';
import { toSliceDocument } from '../core/slice-document.js';
import { ledgerOver, storeInMemory } from './ledger.fixture.test.js';

const [CITY, VILLAGE] = ['cmp_00000000000000000000000000', 'cmp_11111111111111111111111111'];

describe('when a slice is written', () => {
  it('a village is written after a quarter of a second, a city whose slices wait by the hundred after one and a half at most', async () => {
    const store = storeInMemory([]);
    const ledger = ledgerOver(store);
    for (let slice = 0; slice < 100; slice += 1) await ledger.plan(CITY, slice, slice);
    await ledger.plan(VILLAGE, 0, 100);
    await ledger.roundAfter(300);
    expect(await store.slices.get(`${VILLAGE}:0`)).not.toBeNull();
    expect(await store.slices.get(`${CITY}:0`)).toBeNull();
    await ledger.roundAfter(1_250);
    expect((await store.slices.getMany(Array.from({ length: 100 }, (_, slice) => `${CITY}:${slice}`))).includes(null)).toBe(false);
  });
});

describe('when offsets are committed', () => {
  it('at most once a second, and whenever partitions are handed over', async () => {
    const commits: number[] = [];
    const ledger = ledgerOver(storeInMemory([]), (at) => commits.push(at));
    const step = async (offset: number, ms: number, force = false): Promise<number> => {
      ledger.partition.taken.set('planned', offset);
      await ledger.roundAfter(ms, force);
      return commits.length;
    };
    expect([await step(1, 100), await step(2, 500), await step(3, 400), await step(4, 100), await step(5, 100, true)]).toEqual([
      1, 1, 1, 2, 3,
    ]);
  });
});

describe('a slice its part has not heard of', () => {
  it('is not looked for in the store', async () => {
    const store = storeInMemory([]);
    const looked: string[] = [];
    const get = (id: string) => {
      looked.push(id);
      return store.slices.get(id);
    };
    const ledger = ledgerOver({ ...store, slices: { ...store.slices, get } });
    await ledger.plan(CITY, 0, 0);
    await ledger.roundAfter(2_000);
    expect(looked).toEqual([]);
    expect(await store.slices.get(`${CITY}:0`)).toMatchObject({ contacts: 'con_0', v: 1 });
  });

  it('that another owner stored before it died is taken as stored, with what is folded anew', async () => {
    const store = storeInMemory([]);
    const before = ledgerOver(store);
    await before.plan(CITY, 0, 0);
    await before.plan(CITY, 1, 1);
    // Killed between the slice's write and its part's.
    for (const { slice } of before.partition.slices.values()) await store.slices.insert(toSliceDocument(slice, 1));

    const after = ledgerOver(store);
    await after.plan(CITY, 0, 0);
    await after.plan(CITY, 1, 1);
    await after.roundAfter(2_000);
    await after.roundAfter(2_000);
    await after.roundAfter(2_000);
    expect(await store.slices.get(`${CITY}:0`)).toMatchObject({ contacts: 'con_0', v: 2 });
    const part = await store.parts.get(`${CITY}:0`);
    expect(part?.numbers.length).toBe(8);
    expect([...after.partition.slices.values()].every(({ dirtySince }) => dirtySince === 0)).toBe(true);
  });
});
