import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import { type AttemptFact, Outcome, type Receipt, ReceiptState } from '@tocsin/contracts/deliveries/v1/attempts';
import type { ChannelRules } from './rules.js';

/**
 * What one attempt came to, in the order of the table of states: of two facts about the same attempt the higher row stands, whatever arrived
 * first, so a record may come twice, late or before its turn. A higher attempt number beats a lower one, and DELIVERED beats everything but the
 * failure of a part of the same long message: who got one half of an alert has not got it.
 *
 * | end            | which late fact may leave it                                                                     |
 * | -------------- | ------------------------------------------------------------------------------------------------ |
 * | delivered      | a receipt: another part of the same message failed or expired                                    |
 * | accepted-closed| a receipt (delivered; a bounce: failed; expired)                                                 |
 * | failed         | by an attempt: it was accepted after all, any receipt; by a receipt: delivered                   |
 * | expired        | ours or the channel's: an attempt that was made, any receipt; the provider's: failed, delivered  |
 * | cancelled      | an attempt that was made, any receipt                                                            |
 * | suppressed     | an attempt that was made, any receipt                                                            |
 */
export const Standing = {
  NONE: 0,
  /** Failed for now: the next attempt is due. */
  RETRYABLE: 1,
  CANCELLED: 2,
  EXPIRED: 3,
  SUPPRESSED: 4,
  FAILED: 5,
  ACCEPTED: 6,
  RECEIPT_EXPIRED: 7,
  RECEIPT_FAILED: 8,
  DELIVERED: 9,
  PART_FAILED: 10,
} as const;

export type Standing = (typeof Standing)[keyof typeof Standing];

/** Whether a fact about attempt `n` replaces what stands. */
export function beats(n: number, fact: number, standingN: number, standing: number): boolean {
  const last = fact >= Standing.DELIVERED;
  if (last !== standing >= Standing.DELIVERED) return last;
  return n === standingN ? fact > standing : n > standingN;
}

/** What an attempt came to; null when it says nothing new (given back unsent). */
export function standingOfAttempt(attempt: AttemptFact, n: number, rules: ChannelRules): Standing | null {
  switch (attempt.outcome) {
    case Outcome.ACCEPTED:
      return Standing.ACCEPTED;
    case Outcome.FAILED:
      return attempt.retryable && n <= rules.retryDelays.length ? Standing.RETRYABLE : Standing.FAILED;
    case Outcome.EXPIRED:
      return Standing.EXPIRED;
    case Outcome.CANCELLED:
      return Standing.CANCELLED;
    case Outcome.SUPPRESSED:
      return Standing.SUPPRESSED;
    case Outcome.RETURNED:
    case Outcome.UNSPECIFIED:
      return null;
    default:
      return unknownToUs(attempt.outcome);
  }
}

/** What a receipt came to; null while the message is still on its way. */
export function standingOfReceipt(receipt: Receipt): Standing | null {
  switch (receipt.state) {
    case ReceiptState.DELIVERED:
      return Standing.DELIVERED;
    case ReceiptState.FAILED:
      return receipt.ofPart ? Standing.PART_FAILED : Standing.RECEIPT_FAILED;
    case ReceiptState.EXPIRED:
      return receipt.ofPart ? Standing.PART_FAILED : Standing.RECEIPT_EXPIRED;
    case ReceiptState.PENDING:
    case ReceiptState.UNSPECIFIED:
      return null;
    default:
      return unknownToUs(receipt.state);
  }
}

/** Best first: a recipient is what the best of its deliveries is. */
const BEST: readonly DeliveryState[] = [
  DeliveryState.DELIVERED,
  DeliveryState.ACCEPTED_CLOSED,
  DeliveryState.ACCEPTED,
  DeliveryState.DISPATCHED,
  DeliveryState.REQUESTED,
  DeliveryState.FAILED,
  DeliveryState.SUPPRESSED,
  DeliveryState.EXPIRED,
  DeliveryState.CANCELLED,
];

export function bestOf(states: readonly DeliveryState[]): DeliveryState {
  return BEST.find((state) => states.includes(state)) ?? DeliveryState.UNSPECIFIED;
}

export function isEnd(state: DeliveryState): boolean {
  return state >= DeliveryState.DELIVERED;
}

/** A neighbour of a later release may send values we do not know: they change nothing. */
function unknownToUs(value: never): null {
  void value;
  return null;
}
