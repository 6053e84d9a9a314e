import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { CASES, communesBesideACity } from './communes.js';
import { drawFigures } from './figures.js';
import { DEFAULT_MODEL, type Policy } from './model.js';
import { shares } from './shares.js';
import { urgency } from './urgency.js';
import { windows } from './windows.js';

export const SIMULATE_USAGE = 'simulate [--seed 7] [--figures DIR]';

const MAX_SEED = 2 ** 32 - 1;
const BOTH: readonly Policy[] = ['fair', 'fifo'];
const HALVES: readonly Policy[] = ['fair, channel not ordered by tag', 'fair, virtual time as granted'];

/** The dispatch loop in simulated time, fair beside FIFO; nothing here was measured on a wire. Answers the exit code. */
export async function simulateBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { seed: { type: 'string', default: '7' }, figures: { type: 'string' } } });
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
    throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--seed takes a whole number from 0 to ${MAX_SEED}.`);
  }
  const communes = CASES.flatMap((one, index) =>
    [...BOTH, ...(index === 0 ? HALVES : [])].map((policy) => {
      process.stderr.write(`communes: ${one.title}, ${policy}\n`);
      return communesBesideACity(one, policy, seed);
    }),
  );
  const parts = shares(seed);
  if (values.figures !== undefined) {
    mkdirSync(values.figures, { recursive: true });
    for (const [name, svg] of drawFigures(communes, parts, `simulated, seed ${seed}`)) writeFileSync(join(values.figures, name), svg);
  }
  const { bySecond: _, ...twoCities } = parts.twoCities;
  const result = {
    bench: 'simulate',
    simulated: true,
    seed,
    model: DEFAULT_MODEL,
    communes: communes.map(({ excesses: _each, ...figures }) => figures),
    twoCities,
    weights: parts.weights,
    urgency: urgency(seed),
    windows: windows(seed),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}
