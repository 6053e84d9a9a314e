import type { Logger } from '@tocsin/observability';
import { gatherWrites } from './gather-writes.js';
import { smpp } from './smpp-library.js';
import type { Pdu, Session } from './smpp-types.js';
import type { SubmitParameters } from './submit-pdu.js';

/** ms to connect and bind. */
const BIND_DEADLINE_MS = 5_000;
/** ms between enquire_links; a peer silent for twice as long is gone, whatever TCP believes. */
const ENQUIRE_MS = 5_000;
/** ms between two looks for answers that are overdue. */
const OVERDUE_LOOK_MS = 250;
/** ms before the first rebind and at most; each failure doubles it, with half of it left to chance so that instances do not march in step. */
const REBIND_MIN_MS = 200;
const REBIND_MAX_MS = 10_000;
/** ms a peer that unbinds has to answer what is in the window. */
const UNBIND_GRACE_MS = 1_000;
/** Answer to a deliver_sm we could not record: the SMSC tries again (ESME_RX_T_APPN). */
const TRY_AGAIN = 0x64;

/** What became of one submit_sm. */
export type BindAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly messageId: string }
  /** It never reached the socket. */
  | { readonly kind: 'not-written' }
  /** Written, and the bind or the deadline ended first. */
  | { readonly kind: 'unanswered'; readonly why: string };

export interface BindOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly systemId: string;
  readonly password: string;
  readonly share: number;
}

interface InFlight {
  readonly until: number;
  readonly settle: (answer: BindAnswer) => void;
}

/** One transceiver bind that keeps itself alive: binds, enquires, and binds again after every loss. */
export class Bind {
  #session: Session | undefined;
  #state: 'unbound' | 'bound' | 'stopped' = 'unbound';
  #failures = 0;
  #lastHeard = 0;
  readonly #inFlight = new Set<InFlight>();
  #rebind: NodeJS.Timeout | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly options: BindOptions,
    private readonly logger: Logger,
    /** A receipt or a reply; answered to the SMSC when it resolves. */
    private readonly deliver: (pdu: Pdu) => Promise<void>,
    /** Monotonic ms. */
    private readonly now: () => number,
  ) {}

  start(): void {
    this.#timers.push(setInterval(() => this.#enquire(), ENQUIRE_MS));
    this.#timers.push(setInterval(() => this.#expireOverdue(), OVERDUE_LOOK_MS));
    this.#connect();
  }

  bound(): boolean {
    return this.#state === 'bound';
  }

  submit(parameters: SubmitParameters, deadlineMs: number): Promise<BindAnswer> {
    const session = this.#session;
    if (this.#state !== 'bound' || !session) return Promise.resolve({ kind: 'not-written' });
    return new Promise((resolve) => {
      const entry: InFlight = {
        until: this.now() + deadlineMs,
        settle: (answer) => {
          if (this.#inFlight.delete(entry)) resolve(answer);
        },
      };
      this.#inFlight.add(entry);
      gatherWrites(session.socket);
      const written = session.submit_sm(parameters, (pdu) => {
        const messageId = typeof pdu['message_id'] === 'string' ? pdu['message_id'] : '';
        entry.settle({ kind: 'answered', status: pdu.command_status, messageId });
      });
      if (!written) entry.settle({ kind: 'not-written' });
    });
  }

  /** Unbinds politely; what is still unanswered after deadlineMs is given up. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#state === 'stopped') return;
    const wasBound = this.#state === 'bound';
    this.#state = 'stopped';
    clearTimeout(this.#rebind);
    const session = this.#session;
    if (session && wasBound) {
      const end = this.now() + deadlineMs;
      while (this.#inFlight.size > 0 && this.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(50, Math.min(UNBIND_GRACE_MS, end - this.now())));
        const done = (): void => {
          clearTimeout(timer);
          resolve();
        };
        if (!session.unbind({}, done)) done();
      });
    }
    for (const timer of this.#timers) clearInterval(timer);
    session?.destroy();
    this.#abandon('STOPPED');
  }

  #connect(): void {
    const { host, port, tls, systemId, password } = this.options;
    const session = smpp.connect({ host, port, tls });
    this.#session = session;
    this.#lastHeard = this.now();
    session.socket.setNoDelay(true);
    const deadline = setTimeout(() => session.destroy(), BIND_DEADLINE_MS);
    session.on(tls ? 'secureConnect' : 'connect', () => {
      const parameters = { system_id: systemId, password, interface_version: 0x34 };
      session.bind_transceiver(parameters, (pdu) => {
        clearTimeout(deadline);
        if (pdu.command_status !== 0) {
          this.logger.warn('smpp.bind-refused', { share: this.options.share, status: pdu.command_status });
          return session.destroy();
        }
        if (this.#state === 'stopped') return session.destroy();
        this.#failures = 0;
        this.#state = 'bound';
        this.logger.info('smpp.bound', { share: this.options.share });
      });
    });
    session.on('pdu', () => (this.#lastHeard = this.now()));
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
    session.on('deliver_sm', (pdu: Pdu) => void this.#delivered(session, pdu));
    session.on('unknown', (pdu: Pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu: Pdu) => {
      if (this.#state === 'bound') this.#state = 'unbound';
      session.send(pdu.response());
      setTimeout(() => session.destroy(), UNBIND_GRACE_MS);
    });
    // A damaged PDU leaves the stream at an unknown place: the connection is of no more use.
    session.on('error', () => session.destroy());
    session.on('close', () => {
      clearTimeout(deadline);
      if (this.#session === session) this.#lost();
    });
  }

  #lost(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'unbound';
    this.#session = undefined;
    this.#abandon('BIND_LOST');
    const backOff = Math.min(REBIND_MAX_MS, REBIND_MIN_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#rebind = setTimeout(() => this.#connect(), backOff / 2 + (Math.random() * backOff) / 2);
  }

  async #delivered(session: Session, pdu: Pdu): Promise<void> {
    try {
      await this.deliver(pdu);
      gatherWrites(session.socket);
      session.send(pdu.response());
    } catch (error) {
      this.logger.warn('smpp.inbound-not-recorded', { error });
      session.send(pdu.response({ command_status: TRY_AGAIN }));
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
    session.enquire_link({});
  }

  #expireOverdue(): void {
    const now = this.now();
    // All have the same deadline, so the oldest come first.
    for (const entry of this.#inFlight) {
      if (entry.until > now) return;
      entry.settle({ kind: 'unanswered', why: 'NO_ANSWER' });
    }
  }

  #abandon(why: string): void {
    for (const entry of this.#inFlight) entry.settle({ kind: 'unanswered', why });
  }
}
