import { expect, it, vi } from 'vitest';
import type { Logger } from '@tocsin/observability';
import type { PlanStore } from '../planner/plan-store.js';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import type { Want } from './channel-wants.js';
import { SliceLoader } from './slice-loader.js';

const say = (): void => undefined;
const logger: Logger = { debug: say, info: say, warn: say, error: say, child: () => logger };
const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const wants: readonly Want[] = Array.from({ length: 9 }, (_, slice) => ({ campaignId: 'city', slice }));

/** Slices asked for, in turn; whoever loaded asks for all of them once more. */
async function asked(slice: () => Promise<null>): Promise<number[]> {
  const slices: number[] = [];
  const plans = { slice: (_: string, at: number) => (slices.push(at), slice()), get: () => Promise.resolve(null) };
  const deps = { plans: plans as unknown as PlanStore, clock, logger };
  const loader: SliceLoader = new SliceLoader('sms', new SchedulerWorld().state, deps, () => loader.load(wants));
  loader.load(wants);
  await vi.waitFor(() => expect(slices.length).toBeGreaterThanOrEqual(4));
  await new Promise((resolve) => setTimeout(resolve, 20));
  return slices;
}

it('reads on beside slices that are not in the store, and asks for none of them again at once', async () => {
  expect(await asked(() => Promise.resolve(null))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('asks a store that is away by a few reads at a time', async () => {
  expect(await asked(() => Promise.reject(new Error('away')))).toEqual([0, 1, 2, 3]);
});
