import { parseArgs } from 'node:util';
import { whole } from '../urgent/options.js';

export interface PacingOptions {
  /** Contacts of the city whose alert is the backlog, twice: once for each part. */
  readonly contacts: number;
  /** Rounds of one instance, two, and one of them killed. */
  readonly rounds: number;
  /** Times a slow instance is doubled. */
  readonly doublings: number;
}

export const PACING_USAGE = 'pacing [--contacts 150000] [--rounds 5] [--doublings 5]';

/** A round sends some 22,000 messages and a doubling 8,000: the least that does not run dry in one of each. */
const CONTACTS = { from: 30_000, to: 1_000_000 } as const;
const MAX_ROUNDS = 20;

export function readPacingOptions(args: readonly string[]): PacingOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '150000' },
      rounds: { type: 'string', default: '5' },
      doublings: { type: 'string', default: '5' },
    },
  });
  return {
    contacts: whole('contacts', values.contacts, CONTACTS.from, CONTACTS.to),
    rounds: whole('rounds', values.rounds, 1, MAX_ROUNDS),
    doublings: whole('doublings', values.doublings, 1, MAX_ROUNDS),
  };
}
