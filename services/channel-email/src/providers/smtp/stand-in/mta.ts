import type { Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Knobs } from './knobs.js';
import type { Ledger } from './ledger.js';
import { readHead } from './mail-head.js';
import type { RateWindow } from './rate-window.js';
import type { RecentMails } from './recent-mails.js';

/** What the stand-in did since it started. */
export interface Stats {
  accepted: number;
  /** Mails sent again and not taken again. */
  deduplicated: number;
  throttled: number;
  refused: number;
  greylisted: number;
  nonsense: number;
  /** Mails without an X-Tocsin-Delivery header; taken all the same. */
  unnamed: number;
}

/** Bytes of one mail at most. */
const MAX_MAIL_BYTES = 1024 * 1024;
/** Connections at once; a small relay's limit. */
const MAX_CONNECTIONS = 256;
/** Mailboxes remembered for greylisting; the oldest are forgotten, as real ones do. */
const MAX_GREYLISTED = 200_000;

/** Message-IDs remembered for what deduplicates; the oldest are forgotten, as by relays that do so. */
const MAX_REMEMBERED = 500_000;

export interface MtaParts {
  readonly knobs: Knobs;
  readonly window: RateWindow;
  readonly ledger: Ledger;
  readonly stats: Stats;
  readonly recent: RecentMails;
}

/** A relay that takes mail for anybody, delivers it to nobody and writes down what it took. */
export class StandInMta {
  readonly #server: SMTPServer;
  readonly #greeted = new Set<string>();
  /** Message-IDs taken since the start. */
  readonly #taken = new Set<string>();

  constructor(private readonly parts: MtaParts) {
    this.#server = new SMTPServer({
      name: 'stand-in.tocsin.invalid',
      banner: 'Tocsin stand-in: takes every mail, delivers none',
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      size: MAX_MAIL_BYTES,
      maxClients: MAX_CONNECTIONS,
      logger: false,
      onConnect: (_session, done) => done(parts.knobs.down ? answer(421, '4.3.2 closed for the exercise') : undefined),
      onMailFrom: (_address, _session, done) => done(this.#throttle(false)),
      onRcptTo: (address, _session, done) => done(this.#judgeMailbox(address.address)),
      onData: (stream, session, done) => void this.#answer(stream, session, done),
    });
    // A client that goes away in the middle is its own affair.
    this.#server.on('error', () => undefined);
  }

  async listen(port: number, host: string): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = this.#server.listen(port, host, () => resolve(server));
      server.once('error', reject);
    });
  }

  /** Drops every connection, as a relay that falls does. */
  dropConnections(): void {
    for (const connection of this.#server.connections) connection.close();
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #remember(messageId: string): void {
    this.#taken.add(messageId);
    if (this.#taken.size <= MAX_REMEMBERED) return;
    const oldest = this.#taken.values().next();
    if (!oldest.done) this.#taken.delete(oldest.value);
  }

  #throttle(count: boolean): Error | undefined {
    const { window, stats } = this.parts;
    const now = performance.now();
    if (count ? window.take(now) : window.hasRoom(now)) return undefined;
    stats.throttled += 1;
    return answer(451, '4.7.0 too fast: slow down');
  }

  #judgeMailbox(mailbox: string): Error | undefined {
    const { knobs, stats } = this.parts;
    if (knobs.greylist && !this.#greeted.has(mailbox)) {
      if (this.#greeted.size >= MAX_GREYLISTED) this.#greeted.clear();
      this.#greeted.add(mailbox);
      stats.greylisted += 1;
      return answer(451, '4.7.1 greylisted: come back later');
    }
    if (knobs.failRate > 0 && Math.random() < knobs.failRate) {
      stats.refused += 1;
      return answer(550, '5.1.1 no such mailbox');
    }
    return undefined;
  }

  async #answer(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error: Error | null, text?: string) => void,
  ): Promise<void> {
    try {
      const text = await this.#take(stream, session);
      done(null, text);
    } catch (error) {
      done(error instanceof Error ? error : answer(451, '4.3.0 the stand-in failed'));
    }
  }

  async #take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const { knobs, ledger, stats, recent } = this.parts;
    const { oneClick, ...head } = await readHead(stream);
    const arrived = Date.now();
    if (stream.sizeExceeded) throw answer(552, '5.3.4 too large');
    if (knobs.slowMs > 0) await wait(knobs.slowMs);
    if (knobs.nonsense) {
      stats.nonsense += 1;
      throw answer(699, 'perhaps');
    }
    const throttled = this.#throttle(true);
    if (throttled) throw throttled;
    if (head.deliveryId === '') stats.unnamed += 1;
    const to = session.envelope.rcptTo[0]?.address ?? '';
    if (knobs.deduplicates && this.#taken.has(head.messageId)) {
      stats.deduplicated += 1;
      return '2.0.0 taken before';
    }
    this.#remember(head.messageId);
    await ledger.append({ ...head, at: Date.now(), arrived, to, channel: 'email' });
    recent.add({ deliveryId: head.deliveryId, oneClick });
    stats.accepted += 1;
    // The client gives up and closes; nobody waits for this any more then.
    if (knobs.mute) await new Promise<never>(() => undefined);
    return '2.0.0 taken by the stand-in';
  }
}

function answer(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
