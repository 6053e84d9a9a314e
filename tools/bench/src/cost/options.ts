import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { PROFILE_KINDS, type ProfileKind } from './profile.js';

export interface CostOptions {
  /** Contacts of the city that must be reached; its file holds some more rows (bad ones, STOPs, twins). */
  readonly contacts: number;
  /** Campaigns sent one after the other to the same register; figures are their medians. */
  readonly rounds: number;
  /** Contacts of the city that is sent to at 500/s after the rounds; 0 = left out. */
  readonly pacedContacts: number;
  /** Services whose profile of the first round is written. */
  readonly profiled: readonly string[];
  readonly profileKind: ProfileKind;
}

export const COST_USAGE =
  'cost [--contacts 150000] [--rounds 1] [--paced-contacts 15000] [--profile SERVICE]... [--profile-kind cpu|heap|gc]';

/** Below this the start of a campaign weighs more than its messages; above, the generator has no numbers left. */
const CONTACTS = { from: 100, to: 1_000_000 } as const;
const MAX_ROUNDS = 20;

export function readCostOptions(args: readonly string[]): CostOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      contacts: { type: 'string', default: '150000' },
      rounds: { type: 'string', default: '1' },
      'paced-contacts': { type: 'string', default: '15000' },
      profile: { type: 'string', multiple: true, default: [] },
      'profile-kind': { type: 'string', default: 'cpu' },
    },
  });
  return {
    contacts: whole('contacts', values.contacts, CONTACTS.from, CONTACTS.to),
    rounds: whole('rounds', values.rounds, 1, MAX_ROUNDS),
    pacedContacts: whole('paced-contacts', values['paced-contacts'], 0, CONTACTS.to),
    profiled: values.profile,
    profileKind: kindOf(values['profile-kind']),
  };
}

function kindOf(text: string): ProfileKind {
  const kind = PROFILE_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--profile-kind takes ${PROFILE_KINDS.join(' or ')}.`);
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a whole number from ${from} to ${to}.`);
}
