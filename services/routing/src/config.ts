import { TocsinError } from '@tocsin/errors';
import { choice } from '@tocsin/service-kit';
import { LANE_POLICIES, type LanePolicy } from './scheduler/lane-policy.js';

/** Settings of routing, TOCSIN_ROUTING_<NAME>. */
export const settings = {
  policy: choice({
    env: 'POLICY',
    among: LANE_POLICIES,
    default: 'fair',
    doc: 'fair, or fifo: campaigns in the order of their release, to measure against; refused in production.',
  }),
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
