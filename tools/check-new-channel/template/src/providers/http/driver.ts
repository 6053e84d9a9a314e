import { assertLoopback, type RouteDriver, type RouteEvents, type Submission, type SubmitAnswer } from '@tocsin/channel-kit';
import { answerOf } from './answers.js';

export interface HttpRouteSettings {
  readonly url: string;
  readonly ratePerSecond: number;
  /** Only a production process may speak to a peer that is not on loopback. */
  readonly production: boolean;
}

/** Submissions in flight at most per share: one connection each, the provider's own limit. */
const WINDOW = 8;

export class HttpRoute implements RouteDriver {
  readonly routeId = 'http';
  readonly provider = 'http';
  readonly window = WINDOW;
  readonly ratePerSecond: number;
  private readonly url: string;
  private started = false;

  constructor(settings: HttpRouteSettings) {
    if (!settings.production) assertLoopback(new URL(settings.url).hostname);
    this.url = settings.url;
    this.ratePerSecond = settings.ratePerSecond;
  }

  start(_events: RouteEvents): Promise<void> {
    this.started = true;
    return Promise.resolve();
  }

  setShares(_shares: readonly number[]): Promise<void> {
    return Promise.resolve();
  }

  bound(): boolean {
    return this.started;
  }

  async submit(submission: Submission, deadlineMs: number): Promise<SubmitAnswer> {
    try {
      const answer = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `${submission.deliveryId}#${submission.n}` },
        body: JSON.stringify({ deliveryId: submission.deliveryId, to: submission.address, text: submission.rendered.body }),
        signal: AbortSignal.timeout(deadlineMs),
      });
      return answerOf(answer.status);
    } catch (error) {
      // A refused connection never carried the request; anything else may have.
      const refused = error instanceof TypeError && String((error.cause as { code?: string } | undefined)?.code) === 'ECONNREFUSED';
      return refused ? { kind: 'not-submitted', code: 'ECONNREFUSED' } : { kind: 'in-doubt', code: 'NO_ANSWER' };
    }
  }

  stop(_deadlineMs: number): Promise<void> {
    this.started = false;
    return Promise.resolve();
  }
}
