import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { Gate } from './gate.js';

/** Nothing is submitted after its campaign has expired, however old the record that asks for it. */
export const expire: Gate = (item, now) =>
  item.frame.expiresAt > 0 && now >= item.frame.expiresAt ? { outcome: Outcome.EXPIRED, reason: 'EXPIRED' } : undefined;
