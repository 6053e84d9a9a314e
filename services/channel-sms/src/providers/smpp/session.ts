import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SubmitParameters } from './submit-pdu.js';
import {
  ANSWER,
  bindBody,
  COMMAND,
  HEADER,
  MAX_PDU,
  pduOf,
  readDeliver,
  readMessageId,
  submitLength,
  writeSubmit,
  type DeliverSm,
} from './wire.js';

/** Octets from which PDUs are cut one behind the other; large enough that a full window of every bind needs few. */
const SLAB = 32_768;
/**
 * ms between two writes to a busy connection: what comes meanwhile leaves together, since a write costs more than all else of an SMS (40 to 100 µs).
 * At 500/s over four binds each has 8 ms to itself and nothing waits; what does is late by two items of such a rate at most.
 */
const WRITE_SPACING_MS = 4;
/** The same while one bind carries so many submissions a ms, which no pace of 500/s asks of it: there it halves the system calls. */
const FULL_SPEED_SPACING_MS = 8;
const FULL_SPEED_PER_MS = 0.75;
/** Highest sequence number (SMPP 3.4, 3.2); the next is 1 again. */
const LAST_SEQUENCE = 0x7fff_ffff;
/** ESME_RINVCMDID: a request we do not know. */
const INVALID_COMMAND = 3;
/** ESME_RINVBNDSTS: the peer does not know us as bound, whatever we believe. */
const NOT_BOUND = 4;
/** ESME_RUNKNOWNERR, for a generic_nack that claims success: nothing was done. */
const UNKNOWN_ERROR = 0xff;

/** What became of a request that was written. */
export type SessionAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly messageId: string }
  /** The connection or the deadline ended first. */
  | { readonly kind: 'unanswered'; readonly why: string };

export interface SessionEvents {
  connected(): void;
  /** Any PDU. */
  heard(): void;
  /** A receipt or a reply, to be answered with the same sequence. */
  deliver(pdu: DeliverSm, sequence: number): void;
  /** The peer unbinds and has been answered, or answers that we are not bound; told again for each such answer. */
  unbound(): void;
  /** The connection is gone; everything that waited has been told. */
  closed(): void;
}

interface Waiting {
  /** Monotonic ms; Infinity where somebody else watches. */
  readonly until: number;
  readonly settle: (answer: SessionAnswer) => void;
}

/** One SMPP connection: frames PDUs, numbers requests and tells each its answer. What is written in one turn of the event loop, or soon after another, leaves in one system call. */
export class SmppSession {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #slab = Buffer.allocUnsafe(SLAB);
  /** Written to the socket up to here, filled up to there. */
  #sent = 0;
  #filled = 0;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Submissions since the last write, and ms from that to the next. */
  #gathered = 0;
  #spacing = WRITE_SPACING_MS;
  /** Monotonic ms of the last write, and of the last that had submissions. */
  #flushedAt = -Infinity;
  #submittedAt = -Infinity;
  #rest: Buffer | undefined;
  #sequence: number;

  constructor(
    { host, port, tls }: { readonly host: string; readonly port: number; readonly tls: boolean },
    private readonly events: SessionEvents,
    /** Sequence number of the request before the first. */
    lastSequence = 0,
  ) {
    this.#sequence = lastSequence;
    const connected = (): void => events.connected();
    this.#socket = tls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) }, connected)
      : connectTcp({ host, port }, connected);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#read(chunk));
    // 'close' follows, and tells whoever waits.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.abandon('BIND_LOST');
      events.closed();
    });
  }

  /** Requests written and not answered. */
  get waiting(): number {
    return this.#waiting.size;
  }

  get sequence(): number {
    return this.#sequence;
  }

  bind(systemId: string, password: string, settle: (answer: SessionAnswer) => void): void {
    this.#request(COMMAND.bindTransceiver, bindBody(systemId, password), settle);
  }

  bindTransmitter(systemId: string, password: string, settle: (answer: SessionAnswer) => void): void {
    this.#request(COMMAND.bindTransmitter, bindBody(systemId, password), settle);
  }

  /** An enquire_link whose answer somebody waits for until so many monotonic ms. */
  ask(until: number, settle: (answer: SessionAnswer) => void): void {
    this.#request(COMMAND.enquireLink, undefined, settle, until);
  }

  unbind(settle: (answer: SessionAnswer) => void): void {
    this.#request(COMMAND.unbind, undefined, settle);
  }

  /** Nobody waits for the answer: any PDU says that the peer lives, and some SMSCs never answer this one. */
  enquire(): void {
    this.#write(pduOf(COMMAND.enquireLink, 0, this.#nextSequence()));
  }

  /** False: the socket takes nothing and `settle` will not be called. `until` is monotonic ms, looked at by `expire`. */
  submit(pdu: SubmitParameters, until: number, settle: (answer: SessionAnswer) => void): boolean {
    if (!this.#socket.writable) return false;
    const length = submitLength(pdu);
    const sequence = this.#nextSequence();
    // The room first: it may change the slab.
    const at = this.#room(length);
    writeSubmit(this.#slab, at, sequence, pdu);
    this.#gathered += 1;
    // Answers to a storm of receipts keep the connection busy; a submission waits for other submissions only.
    this.#leave(this.#submittedAt);
    this.#waiting.set(sequence, { until, settle });
    return true;
  }

  /** Answers a deliver_sm; a status other than 0 asks for it again. */
  delivered(sequence: number, status = 0): void {
    // message_id is empty, and left out of a refusal.
    this.#write(pduOf(COMMAND.deliverSm + ANSWER, status, sequence, Buffer.alloc(status === 0 ? 1 : 0)));
  }

  /** Tells requests whose time is over; all submissions have the same deadline, so the oldest come first. */
  expire(now: number): void {
    for (const [sequence, { until, settle }] of this.#waiting) {
      if (until === Infinity) continue;
      if (until > now) return;
      this.#waiting.delete(sequence);
      settle({ kind: 'unanswered', why: 'NO_ANSWER' });
    }
  }

  /** Tells everything that waits; answers that still come are heard by nobody. */
  abandon(why: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { settle } of waiting) settle({ kind: 'unanswered', why });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #request(command: number, body: Buffer | undefined, settle: (answer: SessionAnswer) => void, until = Infinity): void {
    const sequence = this.#nextSequence();
    this.#waiting.set(sequence, { until, settle });
    this.#write(pduOf(command, 0, sequence, body));
  }

  #nextSequence(): number {
    this.#sequence = this.#sequence >= LAST_SEQUENCE ? 1 : this.#sequence + 1;
    return this.#sequence;
  }

  #write(pdu: Buffer): void {
    if (!this.#socket.writable) return;
    const at = this.#room(pdu.length);
    this.#slab.set(pdu, at);
    this.#leave(this.#flushedAt);
  }

  /** Where so many octets may be written. */
  #room(length: number): number {
    if (this.#filled + length > this.#slab.length) {
      this.#flush();
      this.#slab = Buffer.allocUnsafe(Math.max(SLAB, length));
      this.#sent = 0;
      this.#filled = 0;
    }
    const at = this.#filled;
    this.#filled += length;
    return at;
  }

  /** What is filled in leaves at the end of this turn, or `spacing` ms from now if something of its kind left so shortly ago. */
  #leave(lastAt: number): void {
    if (this.#immediate) return;
    if (performance.now() - lastAt >= this.#spacing) this.#immediate = setImmediate(() => this.#flush());
    else this.#timer ??= setTimeout(() => this.#flush(), this.#spacing);
  }

  #flush(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#immediate = undefined;
    this.#timer = undefined;
    if (this.#sent === this.#filled) return;
    const from = this.#sent;
    const now = performance.now();
    this.#spacing = this.#gathered >= FULL_SPEED_PER_MS * (now - this.#flushedAt) ? FULL_SPEED_SPACING_MS : WRITE_SPACING_MS;
    this.#flushedAt = now;
    if (this.#gathered > 0) this.#submittedAt = now;
    this.#gathered = 0;
    this.#sent = this.#filled;
    if (this.#socket.writable) this.#socket.write(this.#slab.subarray(from, this.#filled));
  }

  #read(chunk: Buffer): void {
    const octets = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at + 4 <= octets.length) {
      const length = octets.readUInt32BE(at);
      // A damaged PDU leaves the stream at an unknown place: the connection is of no more use.
      if (length < HEADER || length > MAX_PDU) return this.destroy();
      if (at + length > octets.length) break;
      this.#take(octets.subarray(at, at + length));
      if (this.#socket.destroyed) return;
      at += length;
    }
    this.#rest = at === octets.length ? undefined : octets.subarray(at);
  }

  #take(pdu: Buffer): void {
    const command = pdu.readUInt32BE(4);
    const sequence = pdu.readUInt32BE(12);
    this.events.heard();
    if (command >= ANSWER) return this.#answered(pdu, command, sequence);
    switch (command) {
      case COMMAND.deliverSm:
        return this.events.deliver(readDeliver(pdu), sequence);
      case COMMAND.enquireLink:
        return this.#write(pduOf(command + ANSWER, 0, sequence));
      case COMMAND.unbind:
        this.#write(pduOf(command + ANSWER, 0, sequence));
        return this.events.unbound();
      case COMMAND.alertNotification:
        return;
      default:
        return this.#write(pduOf(COMMAND.genericNack, INVALID_COMMAND, sequence));
    }
  }

  #answered(pdu: Buffer, command: number, sequence: number): void {
    const waiting = this.#waiting.get(sequence);
    if (waiting === undefined) return;
    this.#waiting.delete(sequence);
    const messageId = command === COMMAND.submitSm + ANSWER ? readMessageId(pdu) : '';
    const status = pdu.readUInt32BE(8) || (command === COMMAND.genericNack ? UNKNOWN_ERROR : 0);
    if (status === NOT_BOUND) this.events.unbound();
    waiting.settle({ kind: 'answered', status, messageId });
  }
}
