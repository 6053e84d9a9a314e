import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import type { SizeLaw } from './commune-size.js';

export const PARTS = ['communes', 'thousand', 'shares', 'weights', 'controls'] as const;
export type Part = (typeof PARTS)[number];

export interface FairnessOptions {
  readonly rounds: number;
  /** Contacts of the city behind which everybody else would wait. */
  readonly city: number;
  /** Communes with a register, all of them released together in the part "thousand". */
  readonly communes: number;
  readonly law: SizeLaw;
  readonly seed: number;
  /** Drains what the default only watches: the city to its end, the controls until their communes are through. */
  readonly full: boolean;
  readonly parts: ReadonlySet<Part>;
  /** Where plots are written; undefined = none. */
  readonly figures: string | undefined;
}

export const FAIRNESS_USAGE =
  'fairness [--rounds 5] [--city 150000] [--communes 1000] [--seed 1] [--part communes|thousand|shares|weights|controls]... [--full] [--figures DIR]';

/** A round needs 20 communes one at a time and at least some beside each other. */
const COMMUNES = { from: 30, to: 5_000 } as const;
/** Half a minute of backlog at least; above, the block of numbers ends. */
const CITY = { from: 20_000, to: 1_000_000 } as const;
const MAX_ROUNDS = 50;
const MAX_SEED = 2 ** 32 - 1;

export function readFairnessOptions(args: readonly string[]): FairnessOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      city: { type: 'string', default: '150000' },
      communes: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      part: { type: 'string', multiple: true, default: [...PARTS] },
      full: { type: 'boolean', default: false },
      figures: { type: 'string' },
    },
  });
  return {
    rounds: whole('rounds', values.rounds, 1, MAX_ROUNDS),
    city: whole('city', values.city, CITY.from, CITY.to),
    communes: whole('communes', values.communes, COMMUNES.from, COMMUNES.to),
    law: values.full ? 'uniform' : 'pareto',
    seed: whole('seed', values.seed, 0, MAX_SEED),
    full: values.full,
    parts: new Set(values.part.map(partOf)),
    figures: values.figures,
  };
}

function partOf(text: string): Part {
  const part = PARTS.find((known) => known === text);
  if (part !== undefined) return part;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--part takes ${PARTS.join(', ')}.`);
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
