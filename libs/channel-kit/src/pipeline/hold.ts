import type { ControlBook } from '@tocsin/contracts';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { Gate } from './gate.js';

/** What operators hold is given back, to be granted again once they let it go; the scheduler, which reads the same controls, grants nothing of it until then. */
export function hold(controls: ControlBook): Gate {
  return ({ frame: { tenantId, campaignId, channel, lane } }, now) =>
    controls.heldUntil({ tenantId, campaignId, channel, lane }, now) > now
      ? { outcome: Outcome.RETURNED, reason: 'HELD_BY_OPERATOR' }
      : undefined;
}
