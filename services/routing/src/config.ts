import { TocsinError } from '@tocsin/errors';
import { choice, integer, number, setting } from '@tocsin/service-kit';
import { readFloors, type FloorsByChannel } from './scheduler/lane-floors.js';
import { LANE_POLICIES, type LanePolicy } from './scheduler/lane-policy.js';

/** Days in which a receipt may still correct a finished campaign (unmatched ones are kept 72 h) and ask for the next channel, which needs the address. */
const MIN_SEALED_DAYS = 3;

/** Settings of routing, TOCSIN_ROUTING_<NAME>. */
export const settings = {
  policy: choice({
    env: 'POLICY',
    among: LANE_POLICIES,
    default: 'fair',
    doc: 'fair, or fifo: campaigns in the order of their release, to measure against; refused in production.',
  }),
  sealedDays: integer({
    env: 'SEALED_DAYS',
    default: MIN_SEALED_DAYS,
    min: MIN_SEALED_DAYS,
    max: 400,
    doc: 'Days the sealed addresses of a finished campaign are kept.',
  }),
  retentionShare: number({
    env: 'RETENTION_SHARE',
    default: 0.05,
    min: 0.001,
    max: 0.5,
    doc: "Part of the database's time that retention may take.",
  }),
  floors: setting<string>(
    {
      env: 'FLOORS',
      default: '',
      doc: 'Part of all units that a lane gets at least while severer ones wait, by channel or * for all, e.g. sms:standard=0.05,bulk=0.01; not set = lanes are strict.',
    },
    (given) => {
      const floors = readFloors(given);
      return typeof floors === 'string' ? { fault: floors } : { value: given };
    },
  ),
};

/** A first-in-first-out queue lets a city hold up a life: nobody may switch to it where people are alerted. */
export function requirePolicy(policy: LanePolicy, mode: 'development' | 'production'): void {
  if (policy === 'fair' || mode !== 'production') return;
  throw new TocsinError(
    'FAILED_PRECONDITION',
    'POLICY_REFUSED',
    `TOCSIN_ROUTING_POLICY=${policy} is for measurements: production takes fair only.`,
  );
}

/** The floors of a setting that was checked when it was read. */
export function floorsFrom(setting: string): FloorsByChannel {
  const floors = readFloors(setting);
  if (typeof floors === 'string') throw new TocsinError('INVALID_ARGUMENT', 'FLOORS_UNREADABLE', `TOCSIN_ROUTING_FLOORS ${floors}.`);
  return floors;
}
