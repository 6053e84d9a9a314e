import { Lane } from '@tocsin/contracts/common/v1/common';
import type { AttemptFacts, ReceiptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import type { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { closeColumn, type Closing } from './closing.js';
import { foldAttempt } from './fold-attempt.js';
import { foldPlanned } from './fold-planned.js';
import { foldReceipt } from './fold-receipt.js';
import { FACTS_OF_NOBODY, telling, type FactListener } from './four-facts.js';
import type { RulesOf } from './rules.js';
import { ensureColumn, type Slice } from './slice.js';

/** What a record says about one slice, and where it stands in its topic. */
export interface SliceFact {
  readonly topic: string;
  readonly offset: number;
  /** Unix ms. */
  readonly at: number;
  readonly body:
    | { readonly kind: 'planned'; readonly record: PlannedSlice }
    | { readonly kind: 'attempts'; readonly record: AttemptFacts }
    | { readonly kind: 'receipts'; readonly record: ReceiptRecord }
    | { readonly kind: 'closed'; readonly closing: Closing };
}

/** Applies a fact to its slice and tells what is new of its deliveries; false: the slice holds it already. */
export function foldFact(
  slice: Slice,
  fact: SliceFact,
  closings: readonly Closing[],
  rulesOf: RulesOf,
  tell: FactListener = FACTS_OF_NOBODY,
): boolean {
  if (fact.offset <= (slice.offsets.get(fact.topic) ?? -1)) return false;
  slice.offsets.set(fact.topic, fact.offset);
  const { body } = fact;
  switch (body.kind) {
    case 'planned':
      foldPlanned(slice, body.record, closings, rulesOf, fact.at);
      return true;
    case 'attempts': {
      const column = ensureColumn(slice, body.record.channel);
      if (body.record.lane !== Lane.UNSPECIFIED) slice.lane = body.record.lane;
      for (const attempt of body.record.attempts) {
        telling(slice, column, attempt.index, tell, () => foldAttempt(slice, column, attempt, rulesOf(body.record.channel)));
      }
      return true;
    }
    case 'receipts': {
      const column = ensureColumn(slice, body.record.channel);
      for (const receipt of body.record.receipts) {
        telling(slice, column, receipt.index, tell, () => foldReceipt(slice, column, receipt, rulesOf(body.record.channel)));
      }
      return true;
    }
    case 'closed':
      closeColumn(slice, body.closing);
      return true;
  }
}
