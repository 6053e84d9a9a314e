import { Outcome, type Attempt } from '@tocsin/contracts/deliveries/v1/attempts';
import type { FailureReason } from '../channel.js';
import { FAILURE_REASONS } from '../failures.js';
import type { OutcomeName } from '../metrics.js';
import type { HeldItem } from './held-item.js';

/** How an item ended, before it is written. Times are Unix ms, submittedAt 0 = never reached a provider. */
export interface AttemptFacts {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly provider: string;
  /** Empty where no route was used, or the channel has only one. */
  readonly route: string;
  readonly providerCode: string;
  readonly providerIds: readonly string[];
  readonly submittedAt: number;
  readonly answeredAt: number;
  readonly cost: number;
}

/** The attempt as the ledger reads it. */
export function attemptOf(item: HeldItem, facts: AttemptFacts): Attempt {
  const failure = facts.outcome === Outcome.FAILED ? FAILURE_REASONS[facts.reason as FailureReason] : undefined;
  return {
    index: item.index,
    n: item.n,
    outcome: facts.outcome,
    reason: facts.reason,
    retryable: failure?.retryable ?? false,
    provider: facts.provider,
    providerCode: facts.providerCode,
    // Not copied: nobody changes them.
    providerIds: facts.providerIds as string[],
    submittedAt: facts.submittedAt,
    answeredAt: facts.answeredAt,
    tag: item.tag,
    cost: facts.cost,
    possibleDuplicate: item.possibleDuplicate,
    addressHash: item.addressHash,
    share: item.share,
    domainHash: item.domainHash,
    route: facts.route,
    doubtResolved: item.doubtResolved,
  };
}

export function outcomeName(outcome: Outcome): OutcomeName {
  switch (outcome) {
    case Outcome.ACCEPTED:
      return 'accepted';
    case Outcome.EXPIRED:
      return 'expired';
    case Outcome.CANCELLED:
      return 'cancelled';
    case Outcome.SUPPRESSED:
      return 'suppressed';
    case Outcome.RETURNED:
      return 'returned';
    default:
      return 'failed';
  }
}
