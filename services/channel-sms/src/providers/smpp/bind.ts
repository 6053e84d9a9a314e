import type { Logger } from '@tocsin/observability';
import type { LinkTest } from '@tocsin/channel-kit';
import { linkTestOf } from './link-test.js';
import { SmppSession, type SessionAnswer } from './session.js';
import type { SubmitParameters } from './submit-pdu.js';
import type { DeliverSm } from './wire.js';

/** ms to connect and bind. */
const BIND_DEADLINE_MS = 5_000;
/** ms between enquire_links; a peer silent for twice as long is gone, whatever TCP believes. */
const ENQUIRE_MS = 5_000;
/** ms between two looks for answers that are overdue. */
const OVERDUE_LOOK_MS = 250;
/**
 * ms before the first rebind and at most; each failure doubles it, with half of it left to chance so that instances do not march in step. An alert that waits
 * for an SMSC is to leave within 5 s of its return.
 */
const REBIND_MIN_MS = 200;
const REBIND_MAX_MS = 4_000;
/** ms a peer that unbinds has to answer what is in the window. */
const UNBIND_GRACE_MS = 1_000;
/** Answer to a deliver_sm we could not record: the SMSC tries again (ESME_RX_T_APPN). */
const TRY_AGAIN = 0x64;

/** What became of one submit_sm: not written = it never reached the socket; unanswered = written, and the bind or the deadline ended first. */
export type BindAnswer = SessionAnswer | { readonly kind: 'not-written' };

export interface BindOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly password: string;
  readonly share: number;
  /** submit_sm written and not answered, at most. */
  readonly window: number;
  /** Sequence number before the first of each connection; 0 when left out. */
  readonly lastSequence?: number;
}

interface Queued {
  readonly parameters: SubmitParameters;
  /** Monotonic ms. */
  readonly until: number;
  readonly settle: (answer: BindAnswer) => void;
}

/** One transceiver bind that keeps itself alive: binds, enquires, and binds again after every loss. */
export class Bind {
  #session: SmppSession | undefined;
  #state: 'unbound' | 'bound' | 'stopped' = 'unbound';
  #failures = 0;
  #lastHeard = 0;
  #rebind: NodeJS.Timeout | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Beyond the window, in order: the kit counts messages in flight, and each part of a long one is a submit_sm. As many as those have parts, at most. */
  #queue: Queued[] = [];

  constructor(
    private readonly options: BindOptions,
    private readonly logger: Logger,
    /** A receipt or a reply; answered to the SMSC when it resolves. */
    private readonly deliver: (pdu: DeliverSm) => Promise<void>,
    /** Monotonic ms. */
    private readonly now: () => number,
  ) {}

  start(): void {
    this.#timers.push(setInterval(() => this.#enquire(), ENQUIRE_MS));
    this.#timers.push(setInterval(() => this.#expire(), OVERDUE_LOOK_MS));
    this.#connect();
  }

  bound(): boolean {
    return this.#state === 'bound';
  }

  /** Requests without an answer, written or not. */
  get waiting(): number {
    return (this.#session?.waiting ?? 0) + this.#queue.length;
  }

  submit(parameters: SubmitParameters, deadlineMs: number, settle: (answer: BindAnswer) => void): void {
    const session = this.#state === 'bound' ? this.#session : undefined;
    const until = this.now() + deadlineMs;
    if (!session) settle({ kind: 'not-written' });
    else if (this.#queue.length > 0 || session.waiting >= this.options.window) this.#queue.push({ parameters, until, settle });
    else if (!session.submit(parameters, until, settle)) settle({ kind: 'not-written' });
  }

  /** Asks the peer and waits for its answer; some SMSCs give none, and anything heard from them meanwhile does as well. */
  test(deadlineMs: number): Promise<LinkTest> {
    const session = this.#state === 'bound' ? this.#session : undefined;
    if (!session) return Promise.resolve({ ok: false, code: 'NOT_BOUND' });
    const asked = this.now();
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve({ ok: this.#lastHeard > asked, code: 'NO_ANSWER' }), deadlineMs);
      session.ask(asked + deadlineMs, (answer) => {
        clearTimeout(late);
        resolve(answer.kind === 'unanswered' && this.#lastHeard > asked && this.bound() ? { ok: true, code: '' } : linkTestOf(answer));
      });
    });
  }

  /** Unbinds politely; what is still unanswered after deadlineMs is given up. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#state === 'stopped') return;
    const wasBound = this.#state === 'bound';
    this.#state = 'stopped';
    this.#giveUp(() => true);
    clearTimeout(this.#rebind);
    const session = this.#session;
    if (session && wasBound) {
      const end = this.now() + deadlineMs;
      while (session.waiting > 0 && this.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(50, Math.min(UNBIND_GRACE_MS, end - this.now())));
        session.unbind(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    for (const timer of this.#timers) clearInterval(timer);
    session?.destroy();
    session?.abandon('STOPPED');
  }

  #connect(): void {
    const { systemId, password, share, lastSequence } = this.options;
    this.#lastHeard = this.now();
    const deadline = setTimeout(() => session.destroy(), BIND_DEADLINE_MS);
    const session: SmppSession = new SmppSession(
      this.options,
      {
        connected: () =>
          session.bind(systemId, password, (answer) => {
            clearTimeout(deadline);
            if (answer.kind === 'unanswered') return;
            if (answer.status !== 0) {
              this.logger.warn('smpp.bind-refused', { share, status: answer.status });
              return session.destroy();
            }
            if (this.#state === 'stopped') return session.destroy();
            this.#failures = 0;
            this.#state = 'bound';
            this.logger.info('smpp.bound', { share });
          }),
        heard: () => {
          this.#lastHeard = this.now();
          // Once all that has come with it is read: an answer makes room.
          if (this.#queue.length > 0) setImmediate(() => this.#writeQueued());
        },
        deliver: (pdu, sequence) => void this.#delivered(session, pdu, sequence),
        unbound: () => {
          // Of a whole window the first answer counts.
          if (this.#session !== session || this.#state !== 'bound') return;
          this.#state = 'unbound';
          this.#giveUp(() => true);
          setTimeout(() => session.destroy(), UNBIND_GRACE_MS);
        },
        closed: () => {
          clearTimeout(deadline);
          if (this.#session === session) this.#lost();
        },
      },
      lastSequence,
    );
    this.#session = session;
  }

  #lost(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'unbound';
    this.#giveUp(() => true);
    this.#session = undefined;
    const backOff = Math.min(REBIND_MAX_MS, REBIND_MIN_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#rebind = setTimeout(() => this.#connect(), backOff / 2 + (Math.random() * backOff) / 2);
  }

  #writeQueued(): void {
    const session = this.#session;
    while (session && session.waiting < this.options.window) {
      const next = this.#queue.shift();
      if (!next) return;
      if (!session.submit(next.parameters, next.until, next.settle)) next.settle({ kind: 'not-written' });
    }
  }

  #expire(): void {
    const now = this.now();
    this.#session?.expire(now);
    this.#giveUp(({ until }) => until <= now);
    this.#writeQueued();
  }

  /** What was never written waits no longer. */
  #giveUp(gone: (queued: Queued) => boolean): void {
    if (this.#queue.length === 0) return;
    const out = this.#queue.filter(gone);
    this.#queue = this.#queue.filter((queued) => !gone(queued));
    for (const { settle } of out) settle({ kind: 'not-written' });
  }

  async #delivered(session: SmppSession, pdu: DeliverSm, sequence: number): Promise<void> {
    try {
      await this.deliver(pdu);
      session.delivered(sequence);
    } catch (error) {
      this.logger.warn('smpp.inbound-not-recorded', { error });
      session.delivered(sequence, TRY_AGAIN);
    }
  }

  #enquire(): void {
    const session = this.#session;
    if (!session || this.#state !== 'bound') return;
    if (this.now() - this.#lastHeard > 2 * ENQUIRE_MS) {
      this.logger.warn('smpp.peer-silent', { share: this.options.share });
      session.destroy();
      return;
    }
    session.enquire();
  }
}
