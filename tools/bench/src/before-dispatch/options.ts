import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';

export const BEFORE_DISPATCH_USAGE = 'before-dispatch [--rounds 5] [--samples 22] [--contacts 150000]';

export interface BeforeDispatchOptions {
  readonly rounds: number;
  /** Paths of a commune in each phase of a round. */
  readonly samples: number;
  /** Of the city. */
  readonly contacts: number;
}

/** Throws INVALID_ARGUMENT for what cannot be measured. */
export function readBeforeDispatchOptions(args: readonly string[]): BeforeDispatchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      samples: { type: 'string', default: '22' },
      contacts: { type: 'string', default: '150000' },
    },
  });
  return {
    rounds: whole('rounds', values.rounds, 1, 50),
    samples: whole('samples', values.samples, 1, 500),
    contacts: whole('contacts', values.contacts, 1_000, 1_000_000),
  };
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
