import { expect, it } from 'vitest';
import { SchedulerWorld } from '../testing/scheduler-world.js';

/** As the previous release wrote it: no limits, no notices, no claims of floors, no count of what is left. */
function asBefore(checkpoint: string): string {
  const body = JSON.parse(checkpoint) as { lanes: unknown[][]; queues: Record<string, unknown>[]; limits?: unknown };
  delete body.limits;
  for (const lane of body.lanes) lane.length = 2;
  for (const queue of body.queues) for (const key of ['work', 'count', 'told']) delete queue[key];
  return JSON.stringify(body);
}

it('of the previous release is read: everybody is granted once, by floors and limits of now', () => {
  const world = new SchedulerWorld(500, [0, 0, 0.1, 0]);
  const city = world.frame('city');
  const frames = { city };
  world.plan(city, 1_000);
  world.turn();
  world.run(500);
  const since = world.records.length;
  const checkpoint = asBefore(world.checkpoint());
  world.run(200);
  world.takeOver(checkpoint, since, 0);
  world.plan(world.frame('day', { terms: { unitsPerDay: 50 } }), 500);
  world.load(250, frames);
  world.run(4_000);
  const places = world.granted.filter(({ campaign }) => campaign === 'city').map(({ slice, index }) => `${slice}/${index}`);
  expect(new Set(places).size).toBe(1_000);
  expect(places).toHaveLength(1_000);
  expect(world.granted.filter(({ campaign }) => campaign === 'day').length).toBeLessThanOrEqual(51);
  expect(world.state.queues.has('city')).toBe(false);
});
