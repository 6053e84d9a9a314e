import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { StopBook } from '../knowledge/stop-book.js';
import type { Gate } from './gate.js';

/** A cancelled campaign ends for good; a paused one gives its grants back, to be granted again on resume. */
export function stop(stops: StopBook): Gate {
  return (item) => {
    const kind = stops.of(item.frame.campaignId);
    switch (kind) {
      case 'cancelled':
        return { outcome: Outcome.CANCELLED, reason: 'CANCELLED' };
      case 'paused':
        return { outcome: Outcome.RETURNED, reason: 'PAUSED' };
      case undefined:
        return undefined;
    }
  };
}
