import { expect, it } from 'vitest';
import { dayOf, type DayLists } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import type { PlanDocument, PlanStore } from '../planner/plan-store.js';
import { PLAN_DAYS, planList, retention, sealedList } from './retention.js';

const CLOSED = { slices: 2, recipients: 300, notReachable: [] };

/** Plans and lists in memory: what is left of each campaign once somebody looked. */
class Stored {
  readonly plans = new Map<string, { closed: PlanDocument['closed']; trimmed: boolean }>();
  readonly slices = new Set<string>();
  readonly lists = new Map<string, { day: number; ids: readonly string[] }>();

  add(campaignId: string): void {
    this.plans.set(campaignId, { closed: CLOSED, trimmed: false });
    for (let slice = 0; slice < CLOSED.slices; slice++) this.slices.add(`${campaignId}:${slice}`);
  }

  /** `took`: after each slice that went. */
  store(took: () => void): PlanStore {
    const finished: DayLists = {
      add: async (list, day, ids) => void this.lists.set(list, { day, ids }),
      due: async (list, until) => {
        const due = this.lists.get(list);
        return due && due.day <= until ? { list, day: due.day, bucket: 0, ids: due.ids, v: 1 } : null;
      },
      done: async ({ list }) => void this.lists.delete(list),
    };
    const update: PlanStore['update'] = async (id, change) => {
      const plan = this.plans.get(id);
      if (plan) Object.assign(plan, change(plan as PlanDocument));
      return (plan as PlanDocument | undefined) ?? null;
    };
    const slices = { remove: async (id: string) => (took(), this.slices.delete(id)) };
    return { finished, update, forget: async (id: string) => void this.plans.delete(id), slices } as unknown as PlanStore;
  }
}

function sweepOver(stored: Stored, owned: () => readonly number[], took = (): void => undefined) {
  const { logger, metrics } = createObservability({ service: 'test', instanceId: 'retention', logLevel: 'error' });
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return retention({ plans: stored.store(took), owned, share: 0.5, clock, metrics, logger });
}

it('removes the slices of a finished campaign, and its plan when that is due', async () => {
  const stored = new Stored();
  stored.add('cmp_a');
  stored.lists.set(sealedList(3), { day: dayOf(Date.now()), ids: ['cmp_a'] });
  const sweep = sweepOver(stored, () => [3]);
  await sweep.look();
  expect([...stored.slices]).toEqual([]);
  expect(stored.plans.get('cmp_a')?.trimmed).toBe(true);
  expect(stored.lists.get(planList(3))).toEqual({ day: dayOf(Date.now()) + PLAN_DAYS, ids: ['cmp_a'] });
  stored.lists.set(planList(3), { day: dayOf(Date.now()), ids: ['cmp_a'] });
  await sweep.look();
  expect([...stored.plans]).toEqual([]);
});

it('leaves a page whose list goes to another process meanwhile: no plan is forgotten whose slices are there', async () => {
  const stored = new Stored();
  const ids = Array.from({ length: 30 }, (_, place) => `cmp_${place}`);
  for (const id of ids) stored.add(id);
  stored.lists.set(sealedList(3), { day: dayOf(Date.now()), ids });
  let owned = [3];
  await sweepOver(
    stored,
    () => owned,
    () => void (owned = []),
  ).look();
  expect([...stored.plans.keys()]).toEqual(ids);
  expect(stored.slices.size).toBeGreaterThan(0);
  expect(stored.lists.get(sealedList(3))?.ids).toEqual(ids);
});
