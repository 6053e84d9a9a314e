import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';

export const RECEIPTS_USAGE = 'receipts [--contacts 60000] [--rounds 4] [--seconds 15] [--limit N]';

export interface ReceiptsOptions {
  /** Of the city whose receipts come all together. */
  readonly contacts: number;
  /** Each a calm phase and a storm. */
  readonly rounds: number;
  /** Of each phase. */
  readonly seconds: number;
  /** Receipts a second that the channel may take; its own default where none is given. */
  readonly limit?: number;
}

/** Throws INVALID_ARGUMENT for what cannot be measured. */
export function readReceiptsOptions(args: readonly string[]): ReceiptsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '60000' },
      rounds: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '15' },
      limit: { type: 'string' },
    },
  });
  return {
    contacts: whole('contacts', values.contacts, 1_000, 200_000),
    rounds: whole('rounds', values.rounds, 1, 20),
    seconds: whole('seconds', values.seconds, 2, 60),
    ...(values.limit === undefined ? {} : { limit: whole('limit', values.limit, 10, 1_000_000) }),
  };
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
