import { describe, expect, it } from 'vitest';
import { CHANNEL_HOLDS } from '@tocsin/contracts';
import { SchedulerWorld } from '../testing/scheduler-world.js';

describe('the granted window', () => {
  it('grants a newcomer what goes before the window, however far ahead a city was granted and however many came since', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 20_000);
    world.turn();
    let most = 0;
    const granted: number[] = [];
    for (let call = 0; call < 300; call++) {
      world.plan(world.frame(`commune-${call}`), 100);
      granted.push(world.turn().filter((held) => held.campaign === `commune-${call}`).length);
      world.run(10);
      most = Math.max(most, world.held.length);
    }
    // The city's far items lie in the channel all the while.
    expect(Math.min(...granted.slice(0, 50))).toBeGreaterThan(0);
    expect(most).toBeLessThan(CHANNEL_HOLDS / 2);
    const waited = world.run(1_000);
    expect(new Set(waited.map((held) => held.campaign)).size).toBeGreaterThan(250);
  });
});
