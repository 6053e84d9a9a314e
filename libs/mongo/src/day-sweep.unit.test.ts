import { describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { DAY_MS, type DayLists, type DuePage } from './day-lists.js';
import { DaySweep, type Treated } from './day-sweep.js';

const TODAY = 20_000;

/** Lists in memory, one page a day. */
function inMemory(pages: ReadonlyMap<number, readonly string[]>): { lists: DayLists; left: Map<number, readonly string[]> } {
  const left = new Map(pages);
  const lists: DayLists = {
    add: (_list, day, ids) => Promise.resolve(void left.set(day, [...(left.get(day) ?? []), ...ids])),
    due(list, until) {
      const day = [...left.keys()].filter((one) => one <= until).toSorted((a, b) => a - b)[0];
      const page: DuePage | null = day === undefined ? null : { list, day, bucket: 0, ids: left.get(day) ?? [], v: 1 };
      return Promise.resolve(page);
    },
    done: ({ day }) => Promise.resolve(void left.delete(day)),
  };
  return { lists, left };
}

function sweepOf(lists: DayLists, treat: (id: string) => Promise<Treated>): DaySweep {
  const { metrics, logger } = createObservability({ service: 'test', instanceId: 'sweep-test', logLevel: 'error' });
  return new DaySweep({ lists, owned: () => ['0'], treat: (_list, id) => treat(id), now: () => TODAY * DAY_MS + 1, metrics, logger });
}

describe('a sweep over what is due', () => {
  it('lets nothing wait behind what cannot be treated: that is looked at again tomorrow', async () => {
    const { lists, left } = inMemory(
      new Map([
        [TODAY - 1, ['cmp_a', 'cmp_bad', 'cmp_b']],
        [TODAY, ['cmp_c']],
      ]),
    );
    const treated: string[] = [];
    await sweepOf(lists, (id) => {
      if (id === 'cmp_bad') return Promise.reject(new Error('damaged'));
      treated.push(id);
      return Promise.resolve('done');
    }).look();
    expect(treated.toSorted()).toEqual(['cmp_a', 'cmp_b', 'cmp_c']);
    expect([...left]).toEqual([[TODAY + 1, ['cmp_bad']]]);
  });

  it('keeps a page of which something is not its own any more', async () => {
    const { lists, left } = inMemory(new Map([[TODAY, ['cmp_a', 'cmp_b']]]));
    await sweepOf(lists, (id) => Promise.resolve(id === 'cmp_a' ? 'done' : 'not-mine')).look();
    expect([...left]).toEqual([[TODAY, ['cmp_a', 'cmp_b']]]);
  });
});
