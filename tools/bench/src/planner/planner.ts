import { describeMachine } from '../machine.js';
import { coresUsed } from '../world/cpu.js';
import { World } from '../world/world.js';
import { readPlannerOptions } from './options.js';
import { isWithin, outlierLine, plannerFigures, plannerTargets, type PlannedSample } from './planner-figures.js';
import { PlannerWorld } from './planner-world.js';

/** Set-up takes a minute and a mix some seven seconds: 50 of them end well within a quarter of an hour; more take longer, ms. */
const SET_UP_MS = 5 * 60_000;
const MIX_MS = 30_000;
const WARM_UP_MIXES = 3;

/** Random mixes of campaigns, each foreseen as it is released, against what the provider then had; answers the exit code. */
export async function plannerBench(args: readonly string[]): Promise<number> {
  const { mixes, seed } = readPlannerOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await World.use({ say, limitMs: SET_UP_MS + mixes * MIX_MS }, async (world) => {
    const scene = await PlannerWorld.open(world);
    const asked: PlannedSample[] = [];
    const running: PlannedSample[] = [];
    const live: PlannedSample[] = [];
    let unforeseen = 0;
    // The first ones warm the processes up, and show the planner how often campaigns come.
    for (let mix = 1; mix <= WARM_UP_MIXES; mix++) await scene.mix(0, seed * 1_000 - mix);
    const spent = await world.spent(async () => {
      for (let mix = 1; mix <= mixes; mix++) {
        const samples = await scene.mix(mix, seed * 1_000 + mix);
        asked.push(...samples.asked);
        running.push(...samples.running);
        live.push(...samples.live);
        unforeseen += samples.unforeseen;
        for (const sample of samples.asked.filter((one) => !isWithin(one))) say(outlierLine(sample));
        if (mix % 5 === 0) say(`${mix} mixes, ${Math.round(plannerFigures(asked).withinBand * 100)} % within the band.`);
      }
    });
    const figures = { asked: plannerFigures(asked), running: plannerFigures(running), live: plannerFigures(live) };
    const result = {
      bench: 'planner',
      machine: describeMachine(),
      ground: world.ground,
      figures: { seed, ...figures, unforeseen, cores: coresUsed(spent) },
      targets: plannerTargets(figures.asked, unforeseen),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  });
  return 0;
}
