import type { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { when } from './tenant-view.js';

/** A control as JSON shows it: its key says what it is about. */
export function controlView({ key, ratePerSecond, reason, setBy, setAt, until, lifted }: OperatorControl): object {
  return {
    control: key,
    inForce: !lifted,
    ...(ratePerSecond > 0 ? { ratePerSecond } : {}),
    until: until === 0 ? null : when(until),
    since: when(setAt),
    by: setBy,
    reason,
  };
}
