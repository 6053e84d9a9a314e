import {
  FAILURE_REASONS,
  type LinkTest,
  type RouteDriver,
  type RouteEvents,
  type RouteTerms,
  type Submission,
  type SubmitAnswer,
} from '@tocsin/channel-kit';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { Bind, type BindAnswer } from './bind.js';
import { testConnection } from './link-test.js';
import { normaliseId, type IdNotation } from './message-id.js';
import { isReceipt, readReceipt } from './receipt.js';
import { readReply } from './reply.js';
import { statusMeaning, statusName } from './status-table.js';
import { submitPdus, type SubmitOptions, type SubmitParameters } from './submit-pdu.js';
import type { DeliverSm } from './wire.js';

/** Long messages of which some parts were taken, kept until the others are. */
const MAX_PARTIAL = 1_000;
/** ms a share's bind has to finish when the share goes elsewhere. */
const SHARE_LOST_MS = 1_000;

export interface SmppOptions extends SubmitOptions {
  readonly routeId: string;
  /** Who counts the message ids. */
  readonly provider: string;
  readonly terms?: RouteTerms;
  /** "key": the SMSC takes one delivery_id, which it gets in the vendor TLV, only once. */
  readonly idempotency?: 'key' | 'none';
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly password: string;
  /** Segments a second over all binds. */
  readonly ratePerSecond: number;
  /** Submissions in flight on one bind. */
  readonly window: number;
  /** Binds over all instances; undefined = one a share. */
  readonly binds: number | undefined;
  /** Binds this instance opens at most; undefined = one a share it owns. */
  readonly bindsPerInstance?: number | undefined;
  readonly submitIds: IdNotation;
  readonly receiptIds: IdNotation;
  /** Sequence number before the first of each connection; 0 when left out. */
  readonly lastSequence?: number;
}

/** SMPP 3.4 towards one SMSC: one transceiver bind a share. */
export class SmppDriver implements RouteDriver {
  readonly provider: string;
  readonly routeId: string;
  readonly terms: RouteTerms;
  readonly idempotency: 'key' | 'none';
  readonly ratePerSecond: number;
  readonly window: number;
  readonly binds?: number;
  readonly bindsPerInstance?: number;
  readonly #binds = new Map<number, Bind>();
  /** Delivery id -> ids of the parts already taken, by place; kept over a refusal that passes, for the next attempt. */
  readonly #partial = new Map<string, (string | undefined)[]>();
  #events: RouteEvents | undefined;

  constructor(
    private readonly options: SmppOptions,
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {
    this.routeId = options.routeId;
    this.provider = options.provider;
    this.terms = options.terms ?? {};
    this.idempotency = options.idempotency ?? 'none';
    this.ratePerSecond = options.ratePerSecond;
    this.window = options.window;
    if (options.binds !== undefined) this.binds = options.binds;
    if (options.bindsPerInstance !== undefined) this.bindsPerInstance = options.bindsPerInstance;
  }

  start(events: RouteEvents): Promise<void> {
    this.#events = events;
    return Promise.resolve();
  }

  async setShares(shares: readonly number[]): Promise<void> {
    const live = shares.filter((share) => share < (this.binds ?? Infinity));
    // What stands stays: only what is missing is opened.
    const standingFirst = live.toSorted((a, b) => Number(this.#binds.has(b)) - Number(this.#binds.has(a)));
    const wanted = new Set(standingFirst.slice(0, this.bindsPerInstance));
    const leaving = [...this.#binds].filter(([share]) => !wanted.has(share));
    for (const [share] of leaving) this.#binds.delete(share);
    const left = Promise.all(leaving.map(([, bind]) => bind.stop(SHARE_LOST_MS)));
    // An operator that counts what comes from one address refuses one more, even for a moment.
    if (this.bindsPerInstance !== undefined) await left;
    for (const share of wanted) if (!this.#binds.has(share)) this.#open(share);
    await left;
  }

  bound(): boolean {
    for (const bind of this.#binds.values()) if (bind.bound()) return true;
    return false;
  }

  submit(submission: Submission, deadlineMs: number): Promise<SubmitAnswer> {
    const bind = this.#bindFor(submission.share);
    if (!bind) return Promise.resolve({ kind: 'not-submitted', code: 'NOT_BOUND' });
    const pdus = submitPdus(submission, this.options);
    const [only] = pdus;
    return only !== undefined && pdus.length === 1
      ? this.#submitWhole(bind, only, deadlineMs)
      : this.#submitParts(bind, submission.deliveryId, pdus, deadlineMs);
  }

  #submitWhole(bind: Bind, pdu: SubmitParameters, deadlineMs: number): Promise<SubmitAnswer> {
    return new Promise((resolve) => {
      bind.submit(pdu, deadlineMs, (answer) => {
        const taken = answer.kind === 'answered' && answer.status === 0;
        if (!taken) return resolve(verdictOf(answer));
        resolve({ kind: 'accepted', code: '', providerIds: [normaliseId(answer.messageId, this.options.submitIds)] });
      });
    });
  }

  async #submitParts(bind: Bind, key: string, pdus: readonly SubmitParameters[], deadlineMs: number): Promise<SubmitAnswer> {
    const ids = this.#partial.get(key) ?? pdus.map((): string | undefined => undefined);
    const answers = await Promise.all(
      pdus.map((pdu, at) =>
        ids[at] === undefined ? new Promise<BindAnswer>((resolve) => bind.submit(pdu, deadlineMs, resolve)) : Promise.resolve(undefined),
      ),
    );
    answers.forEach((answer, at) => {
      if (answer?.kind === 'answered' && answer.status === 0) ids[at] = normaliseId(answer.messageId, this.options.submitIds);
    });
    const verdict = worst(answers);
    const partly = mayGoOn(verdict) && ids.some((id) => id !== undefined);
    if (partly) this.#keepPartial(key, ids);
    else this.#partial.delete(key);
    if (verdict.kind === 'throttled' || verdict.kind === 'not-submitted') return { ...verdict, partly };
    if (verdict.kind !== 'accepted') return verdict;
    return { kind: 'accepted', code: '', providerIds: ids.filter((id) => id !== undefined) };
  }

  /** By a bind that stands, else by a connection of its own: a standby that cannot be bound is found out before it is needed. */
  async testLink(deadlineMs: number): Promise<LinkTest> {
    for (const bind of this.#binds.values()) if (bind.bound()) return bind.test(deadlineMs);
    return testConnection(this.options, deadlineMs);
  }

  async stop(deadlineMs: number): Promise<void> {
    await Promise.all([...this.#binds.values()].map((bind) => bind.stop(deadlineMs)));
    this.#binds.clear();
  }

  #open(share: number): void {
    const bind = new Bind(
      { ...this.options, share },
      this.logger,
      (pdu) => this.#delivered(pdu),
      () => this.clock.monotonic(),
    );
    this.#binds.set(share, bind);
    bind.start();
  }

  /** The share's own bind while it has room in its window, else the one that waits for least: a share never waits for one lost connection, nor fills one that others need. */
  #bindFor(share: number): Bind | undefined {
    const own = this.#binds.get(share);
    if (own?.bound() && own.waiting < this.window) return own;
    let least: Bind | undefined;
    for (const bind of this.#binds.values()) if (bind.bound() && (least === undefined || bind.waiting < least.waiting)) least = bind;
    return least;
  }

  async #delivered(pdu: DeliverSm): Promise<void> {
    const events = this.#events;
    if (!events) return;
    if (isReceipt(pdu)) {
      const receipt = readReceipt(pdu, this.options.submitIds, this.options.receiptIds, this.clock.now());
      if (receipt) await events.receipt(receipt);
      else this.logger.warn('smpp.receipt-nameless');
      return;
    }
    const reply = readReply(pdu, this.clock.now());
    if (reply) await events.reply(reply);
  }

  #keepPartial(key: string, ids: (string | undefined)[]): void {
    this.#partial.delete(key);
    this.#partial.set(key, ids);
    if (this.#partial.size <= MAX_PARTIAL) return;
    const oldest = this.#partial.keys().next();
    if (!oldest.done) this.#partial.delete(oldest.value);
  }
}

/** One answer for all parts: a refusal of one refuses the whole; one left unanswered leaves the whole in doubt. */
function worst(answers: readonly (BindAnswer | undefined)[]): SubmitAnswer {
  let verdict: SubmitAnswer = { kind: 'accepted', providerIds: [], code: '' };
  for (const answer of answers) {
    if (!answer || (answer.kind === 'answered' && answer.status === 0)) continue;
    const one = verdictOf(answer);
    if (RANK[one.kind] > RANK[verdict.kind]) verdict = one;
  }
  return verdict;
}

/** Whether the same words will be submitted again. */
function mayGoOn(verdict: SubmitAnswer): boolean {
  return verdict.kind === 'failed' ? FAILURE_REASONS[verdict.reason].retryable : verdict.kind !== 'accepted';
}

const RANK: Readonly<Record<SubmitAnswer['kind'], number>> = { accepted: 0, 'not-submitted': 1, throttled: 2, 'in-doubt': 3, failed: 4 };

function verdictOf(answer: BindAnswer): SubmitAnswer {
  switch (answer.kind) {
    case 'not-written':
      return { kind: 'not-submitted', code: 'NOT_WRITTEN' };
    case 'unanswered':
      return { kind: 'in-doubt', code: answer.why };
    case 'answered': {
      const meaning = statusMeaning(answer.status);
      const code = statusName(answer.status);
      return meaning.kind === 'failed' ? { kind: 'failed', reason: meaning.reason, code } : { kind: meaning.kind, code };
    }
  }
}
