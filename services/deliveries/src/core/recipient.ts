import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import type { Slice } from './slice.js';
import { stateOf } from './slice.js';
import { bestOf, isEnd } from './states.js';

export interface RecipientStanding {
  readonly state: DeliveryState;
  /** No requested delivery is open and no step is due. */
  readonly terminal: boolean;
}

/** A recipient is what the best of its deliveries is; in order mode the next channel is asked for in the same fold that ends the one before. */
export function recipientOf(slice: Slice, index: number): RecipientStanding {
  const states: DeliveryState[] = [];
  for (const column of slice.columns) {
    const state = stateOf(column, index);
    if (state !== DeliveryState.UNSPECIFIED) states.push(state);
  }
  // Planning names nobody without a channel; should it happen, the recipient is not left pending for ever.
  if (states.length === 0) return { state: DeliveryState.FAILED, terminal: true };
  return { state: bestOf(states), terminal: states.every(isEnd) };
}
