import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';

export const RECEIPTS_USAGE = 'receipts [--contacts 40000] [--rounds 3] [--seconds 10]';

export interface ReceiptsOptions {
  /** Of the city whose receipts come all together. */
  readonly contacts: number;
  /** Each a calm phase and a storm. */
  readonly rounds: number;
  /** Of each phase. */
  readonly seconds: number;
}

/** Throws INVALID_ARGUMENT for what cannot be measured. */
export function readReceiptsOptions(args: readonly string[]): ReceiptsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '40000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '10' },
    },
  });
  return {
    contacts: whole('contacts', values.contacts, 1_000, 200_000),
    rounds: whole('rounds', values.rounds, 1, 20),
    seconds: whole('seconds', values.seconds, 2, 60),
  };
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
