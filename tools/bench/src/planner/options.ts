import { parseArgs } from 'node:util';
import { whole } from '../urgent/options.js';

export interface PlannerOptions {
  readonly mixes: number;
  readonly seed: number;
}

export const PLANNER_USAGE = 'planner [--mixes 50] [--seed 1]';

const MAX_MIXES = 500;
const MAX_SEED = 1_000_000;

export function readPlannerOptions(args: readonly string[]): PlannerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { mixes: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
  });
  return { mixes: whole('mixes', values.mixes, 1, MAX_MIXES), seed: whole('seed', values.seed, 1, MAX_SEED) };
}
