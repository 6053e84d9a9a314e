import { ControlBook, sliceKey } from '@tocsin/contracts';
import { Outcome, type Attempt, type AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { FailedRoutes } from '../routes/failed-routes.js';
import { FAILURE_REASONS } from '../failures.js';
import type { FailureReason } from '../channel.js';
import { AcceptedAttempts, type CampaignName } from './accepted-attempts.js';
import { AttemptIndex } from './attempt-index.js';
import { StopBook } from './stop-book.js';
import { SuppressionBook } from './suppression-book.js';
import { UnmatchedReceipts } from './unmatched-receipts.js';

/** Everything an instance must know before it submits: its own findings at once, everybody's from the topics. */
export class Knowledge {
  readonly suppressions: SuppressionBook;
  readonly controls = new ControlBook();
  readonly stops = new StopBook();
  readonly attempts = new AttemptIndex();
  readonly accepted: AcceptedAttempts;
  readonly failedRoutes = new FailedRoutes();
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

  /** Everybody's attempts as they are read; learning twice changes nothing. `traceparent`: of the envelope they came in. */
  learn(record: AttemptRecord, traceparent = ''): void {
    const key = sliceKey(record.campaignId, record.slice);
    const campaign = { campaignId: record.campaignId, tenantId: record.tenantId, traceparent: record.traceparent || traceparent };
    for (const attempt of record.attempts) this.learnOne(campaign, record.slice, key, attempt);
  }

  /** An own attempt the moment it is answered; `key` is that of its slice. */
  learnOne({ campaignId, tenantId, traceparent }: CampaignName, slice: number, key: string, attempt: Attempt): void {
    const { index, n, outcome, provider, providerIds, addressHash } = attempt;
    if (outcome === Outcome.RETURNED) {
      this.attempts.recordReturn(key, index, n, { at: attempt.answeredAt, tag: attempt.tag });
      return;
    }
    this.attempts.record(key, index, n);
    if (attempt.route !== '' && routeIsToBlame(attempt)) this.failedRoutes.failed(key, index, attempt.route);
    if (outcome !== Outcome.ACCEPTED || providerIds.length === 0) return;
    const receiptKeys = providerIds.map((id) => receiptKeyOf(provider, id));
    this.accepted.add({ campaignId, tenantId, traceparent, slice, index, n, receiptKeys, addressHash });
    if (this.unmatched.size > 0) for (const receiptKey of receiptKeys) this.awaited(receiptKey);
  }
}

function routeIsToBlame({ outcome, reason, retryable }: Attempt): boolean {
  return outcome === Outcome.FAILED && retryable && FAILURE_REASONS[reason as FailureReason]?.blamesRoute !== 'no';
}

/** "<provider>:<normalised id>". */
export function receiptKeyOf(provider: string, providerId: string): string {
  return `${provider}:${providerId}`;
}
