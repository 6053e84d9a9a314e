import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';

export interface UrgentOptions {
  /** Contacts of the city whose alert keeps the channel saturated, and jobs of the control's backlog. */
  readonly contacts: number;
  readonly rounds: number;
  /** Urgent messages released in one round. */
  readonly releases: number;
  /** False: Tocsin alone. */
  readonly control: boolean;
}

export const URGENT_USAGE = 'urgent [--contacts 150000] [--rounds 5] [--releases 24] [--no-control]';

const CONTACTS = { from: 1_000, to: 1_000_000 } as const;
const MAX_ROUNDS = 20;
/** More would come so close together that they saturate the channel themselves. */
const MAX_RELEASES = 40;

export function readUrgentOptions(args: readonly string[]): UrgentOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '150000' },
      rounds: { type: 'string', default: '5' },
      releases: { type: 'string', default: '24' },
      'no-control': { type: 'boolean', default: false },
    },
  });
  return {
    contacts: whole('contacts', values.contacts, CONTACTS.from, CONTACTS.to),
    rounds: whole('rounds', values.rounds, 1, MAX_ROUNDS),
    releases: whole('releases', values.releases, 1, MAX_RELEASES),
    control: !values['no-control'],
  };
}

export function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
