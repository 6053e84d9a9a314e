import { setTimeout as wait } from 'node:timers/promises';
import { longestPause } from '../oracle/pauses.js';
import { ChaosWorld } from '../world/chaos-world.js';
import { besideACity, keepSending } from './beside-a-city.js';
import { sumVerdicts, wrongs, type Scenario } from './scenario.js';

/** The send is under way before the first restart, ms. */
const LEAD_IN_MS = 15_000;
/** Between one that is ready again and the next restart, ms. */
const BETWEEN_MS = 2_000;
const QUIET_DEADLINE_MS = 10 * 60_000;

/** Every service, and every broker where there are several, is drained and started again, one at a time, while a city and communes are sent to. */
export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  says: 'every service is drained and started again during a send: nothing lost, nothing twice, no call of a retrying client fails',
  async run({ options, target, say }) {
    await target.start();
    const world = await ChaosWorld.open(target, besideACity(options.cityContacts), say);
    const over = new AbortController();
    const sending = keepSending(world, options.rate, options.cityContacts, over.signal);
    await wait(LEAD_IN_MS);
    const begunAt = Date.now();
    const restarted: { name: string; seconds: number }[] = [];
    // A lone broker and the one store have nobody to hand over to: their restarts are faults, not maintenance.
    const brokers = target.subjects.broker.length > 1 ? target.subjects.broker : [];
    const services = target.processes().filter(({ kind }) => kind === 'service');
    for (const name of [...services.map((process) => process.name), ...brokers]) {
      const at = performance.now();
      await target.restart(name);
      restarted.push({ name, seconds: Math.round((performance.now() - at) / 100) / 10 });
      say(`${name} was restarted in ${restarted.at(-1)?.seconds} s.`);
      await wait(BETWEEN_MS);
    }
    const endedAt = Date.now();
    over.abort();
    await sending;
    await world.quiet(QUIET_DEADLINE_MS);
    const { verdicts, oracle } = await world.judge();
    const sums = sumVerdicts(verdicts.values());
    const failedCalls = [...world.troubles.failed.values()].reduce((sum, count) => sum + count, 0);
    return {
      chaos: 'rolling-restart',
      restarted,
      campaigns: world.logs.length,
      submissions: oracle.total,
      ...sums,
      failedCalls,
      unreleased: world.unreleased,
      longestPauseMs: longestPause(oracle.sms, begunAt, endedAt),
      ground: target.ground,
      ok: wrongs(sums) + sums.duplicates + failedCalls === 0 && world.unreleased.length === 0,
    };
  },
};
