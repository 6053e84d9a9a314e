import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { SuppressionBook } from '../knowledge/suppression-book.js';
import type { Gate } from './gate.js';

/** A STOP that came after planning still holds: asked just before the wire. */
export function suppress(suppressions: SuppressionBook): Gate {
  return (item) =>
    suppressions.suppresses(item.frame.tenantId, item.addressHash, item.frame.purpose)
      ? { outcome: Outcome.SUPPRESSED, reason: 'STOPPED_BY_RECIPIENT' }
      : undefined;
}
