// npm run bench -- <name> [options]: the last line is one JSON object; how each is measured stands in docs/benchmarks.md.
import { beforeDispatchBench } from './before-dispatch/before-dispatch.js';
import { BEFORE_DISPATCH_USAGE } from './before-dispatch/options.js';
import { costBench } from './cost/cost.js';
import { COST_USAGE } from './cost/options.js';
import { FAIRNESS_USAGE } from './fairness/options.js';
import { growthBench } from './growth/growth.js';
import { GROWTH_USAGE } from './growth/options.js';
import { HISTORY_USAGE } from './history/options.js';
import { fairnessBench } from './fairness/fairness.js';
import { historyBench } from './history/history.js';
import { PACING_USAGE } from './pacing/options.js';
import { pacingBench } from './pacing/pacing.js';
import { PICKS_USAGE, picksBench } from './picks/picks.js';
import { PLANNER_USAGE } from './planner/options.js';
import { plannerBench } from './planner/planner.js';
import { RECEIPTS_USAGE } from './receipts/options.js';
import { receiptsBench } from './receipts/receipts.js';
import { SIMULATE_USAGE, simulateBench } from './simulate/simulate.js';
import { URGENT_USAGE } from './urgent/options.js';
import { urgentBench } from './urgent/urgent.js';

interface Bench {
  readonly usage: string;
  /** Answers the exit code. */
  run(args: readonly string[]): Promise<number>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  'before-dispatch': { usage: BEFORE_DISPATCH_USAGE, run: beforeDispatchBench },
  cost: { usage: COST_USAGE, run: costBench },
  fairness: { usage: FAIRNESS_USAGE, run: fairnessBench },
  growth: { usage: GROWTH_USAGE, run: growthBench },
  history: { usage: HISTORY_USAGE, run: historyBench },
  pacing: { usage: PACING_USAGE, run: pacingBench },
  picks: { usage: PICKS_USAGE, run: picksBench },
  planner: { usage: PLANNER_USAGE, run: plannerBench },
  receipts: { usage: RECEIPTS_USAGE, run: receiptsBench },
  simulate: { usage: SIMULATE_USAGE, run: simulateBench },
  urgent: { usage: URGENT_USAGE, run: urgentBench },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  const asked = name === '' ? 'Name a benchmark' : `No benchmark is called "${name}"`;
  const usages = Object.values(BENCHES).map(({ usage }) => `  npm run bench -- ${usage}`);
  process.stderr.write(`${asked}; these exist: ${Object.keys(BENCHES).join(', ')}.\n${usages.join('\n')}\n`);
  process.exit(2);
}
try {
  process.exitCode = await bench.run(args);
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
// Sockets of clients that keep trying would hold the process; everything that matters has been awaited.
process.exit();
