import { setTimeout as wait } from 'node:timers/promises';
import { InDoubtWatch } from '../faults/in-doubt-watch.js';
import { longestPause } from '../oracle/pauses.js';
import type { Target, TargetProcess } from '../target/target.js';
import { ChaosWorld } from '../world/chaos-world.js';
import { besideACity, keepSending } from './beside-a-city.js';
import { sumVerdicts, wrongs, type Scenario } from './scenario.js';

const LEAD_IN_MS = 15_000;
/** From a thaw to the next freeze, ms. */
const RECOVERY_MS = 12_000;
const QUIET_DEADLINE_MS = 15 * 60_000;
/** A frozen process must be known as not live after this, ms. */
const LIVE_NO_MS = 15_000;
const LIVE_LOOK_MS = 1_000;
/** A probe waits so long for an answer, ms, as an orchestrator's does. */
const PROBE_MS = 1_000;
/** What the last look and the freeze have between them, ms. */
const BEFORE_MS = 2_200;
const AFTER_MS = 10_000;

interface Frozen {
  readonly name: string;
  /** From the freeze to the first probe of /live that is not answered with 200, ms; undefined = it has no probe. */
  readonly liveNoAfterMs: number | undefined;
  readonly readyAfterThawMs: number;
  readonly inDoubt: number;
  /** The longest time without an SMS taken, from the freeze until 10 s after the thaw, ms. */
  readonly pauseMs: number;
}

/** Every process is frozen in turn, for as long as told, while a city and communes are sent to. */
export const frozenEach: Scenario = {
  name: 'frozen-each',
  says: 'every process is frozen in turn (--freeze 60 seconds): not live after 15 s, nothing lost',
  async run({ options, target, say }) {
    await target.start();
    const world = await ChaosWorld.open(target, besideACity(options.cityContacts), say);
    const doubt = new InDoubtWatch(target);
    doubt.start();
    const over = new AbortController();
    const sending = keepSending(world, options.rate, options.cityContacts, over.signal);
    await wait(LEAD_IN_MS);
    const frozen: (Omit<Frozen, 'pauseMs'> & { at: number; until: number })[] = [];
    for (const process of target.processes().filter(({ kind }) => kind !== 'stand-in')) {
      await doubt.look();
      const at = Date.now();
      target.signal(process.name, 'SIGSTOP');
      const liveNoAfterMs = await liveNo(process, at, options.freezeSeconds * 1_000);
      await wait(Math.max(0, at + options.freezeSeconds * 1_000 - Date.now()));
      target.signal(process.name, 'SIGCONT');
      const thawed = Date.now();
      const readyAfterThawMs = await readyAgain(target, thawed);
      const channels = process.kind === 'ground' ? target.processes().map(({ name }) => name) : [process.name];
      const inDoubt = doubt.sum(channels, at - BEFORE_MS, Date.now());
      say(`${process.name} was frozen: live said no after ${liveNoAfterMs ?? '-'} ms, all ready ${readyAfterThawMs} ms after the thaw.`);
      frozen.push({ name: process.name, liveNoAfterMs, readyAfterThawMs, inDoubt, at, until: thawed + AFTER_MS });
      await wait(RECOVERY_MS);
    }
    over.abort();
    await sending;
    doubt.stop();
    await world.quiet(QUIET_DEADLINE_MS);
    const { verdicts, oracle } = await world.judge();
    const sums = sumVerdicts(verdicts.values());
    const inDoubtSum = frozen.reduce((sum, { inDoubt }) => sum + inDoubt, 0);
    const late = frozen.filter(({ liveNoAfterMs }) => liveNoAfterMs !== undefined && liveNoAfterMs > LIVE_NO_MS).map(({ name }) => name);
    return {
      chaos: 'frozen-each',
      freezeSeconds: options.freezeSeconds,
      frozen: frozen.map(({ at, until, ...row }): Frozen => ({ ...row, pauseMs: longestPause(oracle.sms, at, until) })),
      liveNoLate: late,
      campaigns: world.logs.length,
      submissions: oracle.total,
      ...sums,
      inDoubtSum,
      failedCalls: Object.fromEntries(world.troubles.failed),
      unreleased: world.unreleased,
      ground: target.ground,
      ok: wrongs(sums) + late.length === 0 && sums.duplicates <= inDoubtSum && world.unreleased.length === 0,
    };
  },
};

/** ms from the freeze to the first probe that says no; Infinity = not while it lasted; undefined = there is no probe. */
async function liveNo({ http }: TargetProcess, from: number, forMs: number): Promise<number | undefined> {
  if (http === '') return undefined;
  while (Date.now() < from + forMs) {
    try {
      const answer = await fetch(`${http}/live`, { signal: AbortSignal.timeout(PROBE_MS) });
      await answer.body?.cancel();
      if (!answer.ok) return Date.now() - from;
    } catch {
      return Date.now() - from;
    }
    await wait(LIVE_LOOK_MS);
  }
  return Infinity;
}

async function readyAgain(target: Target, from: number): Promise<number> {
  for (const end = from + 60_000; Date.now() < end; await wait(LIVE_LOOK_MS / 4)) {
    if ((await target.notReady()).length === 0) break;
  }
  return Date.now() - from;
}
