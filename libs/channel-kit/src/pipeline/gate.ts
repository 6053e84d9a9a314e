import type { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import type { HeldItem } from './held-item.js';

/** Why an item is not submitted: an attempt with this outcome, or nothing at all because its attempt is already recorded. */
export type Ending = { readonly outcome: Outcome; readonly reason: string } | 'already-recorded';

/** One question asked of an item when it is read and again just before the wire; undefined = go on. now is Unix ms. */
export type Gate = (item: HeldItem, now: number) => Ending | undefined;

/** Asks the gates in order; the first that objects decides. */
export function passGates(gates: readonly Gate[], item: HeldItem, now: number): Ending | undefined {
  for (const gate of gates) {
    const ending = gate(item, now);
    if (ending !== undefined) return ending;
  }
  return undefined;
}
