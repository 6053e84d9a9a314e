import { sliceKey } from '@tocsin/contracts';
import { Outcome, type AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { AcceptedAttempts } from './accepted-attempts.js';
import { AttemptIndex } from './attempt-index.js';
import { StopBook } from './stop-book.js';
import { SuppressionBook } from './suppression-book.js';
import { UnmatchedReceipts } from './unmatched-receipts.js';

/** Everything an instance must know before it submits: its own findings at once, everybody's from the topics. */
export class Knowledge {
  readonly suppressions: SuppressionBook;
  readonly stops = new StopBook();
  readonly attempts = new AttemptIndex();
  readonly accepted: AcceptedAttempts;
  readonly unmatched = new UnmatchedReceipts();

  constructor(
    channel: string,
    /** Called when an attempt appears that receipts have been waiting for. */
    private readonly awaited: (receiptKey: string) => void,
    acceptedLimit?: number,
  ) {
    this.suppressions = new SuppressionBook(channel);
    this.accepted = new AcceptedAttempts(acceptedLimit);
  }

  /** Own attempts the moment they are answered, everybody's as they are read; learning twice changes nothing. */
  learn(record: AttemptRecord, key = sliceKey(record.campaignId, record.slice)): void {
    for (const attempt of record.attempts) {
      if (attempt.outcome === Outcome.RETURNED) {
        this.attempts.recordReturn(key, attempt.index, attempt.n, { at: attempt.answeredAt, tag: attempt.tag });
        continue;
      }
      this.attempts.record(key, attempt.index, attempt.n);
      if (attempt.outcome !== Outcome.ACCEPTED || attempt.providerIds.length === 0) continue;
      const receiptKeys = attempt.providerIds.map((id) => receiptKeyOf(attempt.provider, id));
      this.accepted.add({
        campaignId: record.campaignId,
        tenantId: record.tenantId,
        slice: record.slice,
        index: attempt.index,
        n: attempt.n,
        receiptKeys,
        addressHash: attempt.addressHash,
      });
      if (this.unmatched.size > 0) for (const receiptKey of receiptKeys) this.awaited(receiptKey);
    }
  }
}

/** "<provider>:<normalised id>". */
export function receiptKeyOf(provider: string, providerId: string): string {
  return `${provider}:${providerId}`;
}
