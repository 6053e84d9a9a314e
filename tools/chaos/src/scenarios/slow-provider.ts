import { setTimeout as wait } from 'node:timers/promises';
import { turnKnobs } from '../faults/turn-knobs.js';
import type { Target, TargetProcess } from '../target/target.js';
import { ChaosWorld } from '../world/chaos-world.js';
import { besideACity, CITY } from './beside-a-city.js';
import { plainCampaign, sumVerdicts, wrongs, type Scenario } from './scenario.js';

/** Part of its rate that each provider still takes. */
const LEFT = 0.01;
/** Resident set of a service at most, MiB. */
const MOST_MIB = 300;
const SAMPLE_EVERY_MS = 2_000;
const SCRAPE_MS = 2_000;
const MIB = 1_048_576;
const MINUTE_MS = 60_000;
const QUIET_DEADLINE_MS = 10 * MINUTE_MS;
const RESIDENT = /^\w*process_resident_memory_bytes(?:\{[^}]*\})? ([\d.e+]+)/m;

/** A city is sent to while its providers take one in a hundred of what they should: what waits must wait in no memory. */
export const slowProvider: Scenario = {
  name: 'slow-provider',
  says: 'providers at 1 % for --minutes with a city of --city queued: no service above 300 MiB, then stopped, nothing lost',
  async run({ options, target, say }) {
    await target.start();
    const world = await ChaosWorld.open(target, besideACity(options.cityContacts, 1), say);
    await turnRates(target, LEFT);
    const begun = Date.now();
    const lasts = options.minutes * MINUTE_MS;
    const driven = world.drive(plainCampaign(0, CITY, 0, { act: { kind: 'stop', after: lasts } }), begun);
    const peaks = new Map<string, number>();
    while (Date.now() - begun < lasts) {
      await sample(target, peaks);
      await wait(SAMPLE_EVERY_MS);
    }
    await driven;
    await turnRates(target, 1);
    await world.quiet(QUIET_DEADLINE_MS);
    await sample(target, peaks);
    const { verdicts, oracle } = await world.judge();
    const sums = sumVerdicts(verdicts.values());
    const above = [...peaks].filter(([, mib]) => mib > MOST_MIB).map(([name]) => name);
    return {
      chaos: 'slow-provider',
      minutes: options.minutes,
      queued: options.cityContacts,
      submissions: oracle.total,
      rssMiB: Object.fromEntries([...peaks].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      above,
      ...sums,
      unreleased: world.unreleased,
      ground: target.ground,
      ok: above.length + wrongs(sums) + sums.duplicates + world.unreleased.length === 0 && peaks.size > 0,
    };
  },
};

async function turnRates(target: Target, part: number): Promise<void> {
  const standIns = target.processes().filter(({ kind }) => kind === 'stand-in');
  for (const { name, http } of standIns) {
    const [, rate] = Object.entries(target.rates).find(([channel]) => name.includes(channel)) ?? [];
    if (rate !== undefined) await turnKnobs(http, { rate: Math.max(0.5, rate * part) });
  }
}

/** Notes the highest resident set of each service so far, MiB; one that does not answer is looked at again. */
async function sample(target: Target, peaks: Map<string, number>): Promise<void> {
  const services = target.processes().filter(({ kind, http }) => kind === 'service' && http !== '');
  await Promise.all(
    services.map(async ({ name, http }: TargetProcess) => {
      try {
        const answer = await fetch(`${http}/metrics`, { signal: AbortSignal.timeout(SCRAPE_MS) });
        const bytes = Number(RESIDENT.exec(await answer.text())?.[1] ?? 0);
        peaks.set(name, Math.max(peaks.get(name) ?? 0, Math.round(bytes / MIB)));
      } catch {
        // Busy: the next look comes in two seconds.
      }
    }),
  );
}
