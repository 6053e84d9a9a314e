import { gatherWrites } from './gather-writes.js';
import { DELIVERY_ID_TLV, smpp } from './smpp-library.js';
import type { Pdu, Server, Session } from './smpp-types.js';
import { defaultKnobs } from './knobs.js';
import { Ledger } from './ledger.js';
import { RatePolice } from './rate-police.js';
import { ReceiptWheel } from './receipt-wheel.js';
import { ReceiptStorm } from './receipt-storm.js';
import { TakenBefore } from './taken-before.js';

const ESME_RSYSERR = 0x08;
const ESME_RINVDSTADR = 0x0b;
const ESME_RBINDFAIL = 0x0d;
const ESME_RMSGQFUL = 0x14;
const ESME_RSUBMITFAIL = 0x45;
const ESME_RTHROTTLED = 0x58;
/** Of no standard. */
const NONSENSE = 0x4ff;
const UDH_INDICATOR = 0x40;
const RECEIPT = 0x04;
const TON_INTERNATIONAL = 1;
/** ms before a receipt that was not taken is sent again. */
const RETRY_MS = 1_000;
/** Ids a second of start leaves room for; a restart takes the next seconds, so that no id comes twice. */
const IDS_A_SECOND = 2 ** 20;

/** Stands in for an operator's SMSC: takes, limits, writes its own synced ledger and sends receipts. For development and tests only. */
export class StandInSmsc {
  readonly knobs;
  readonly counts = { accepted: 0, deduplicated: 0, throttled: 0, refused: 0, receipts: 0, inbound: 0 };
  /** Sequence number of the latest submit_sm. */
  lastSequence = 0;
  readonly #server: Server;
  readonly #ledger: Ledger;
  readonly #takenBefore: TakenBefore;
  readonly #police = new RatePolice();
  readonly #wheel = new ReceiptWheel();
  readonly #binds = new Set<Session>();
  readonly storm = new ReceiptStorm(this.#binds);
  #nextId = Math.floor(Date.now() / 1_000) * IDS_A_SECOND;

  /** `name`: where several write into one ledger; the last one's ids lie beside those of the others, so that no id comes twice. */
  constructor(
    ledgerPath: string,
    rate: number,
    private readonly name = '',
  ) {
    this.knobs = defaultKnobs(rate);
    if (name.endsWith('-2')) this.#nextId += IDS_A_SECOND / 2;
    this.#ledger = new Ledger(ledgerPath);
    this.#takenBefore = new TakenBefore(ledgerPath, name);
    this.#server = smpp.createServer({}, (session) => this.#accept(session));
  }

  get binds(): number {
    return this.#binds.size;
  }

  /** Most messages taken in any sliding second. */
  get peak(): number {
    return this.#police.peak;
  }

  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  stop(): void {
    this.#wheel.stop();
    this.hangUp();
    this.#server.close();
    this.#ledger.close();
  }

  /** Closes every connection, as an operator that goes down does. */
  hangUp(): void {
    for (const session of this.#server.sessions.slice()) session.destroy();
  }

  /** Asks every client to leave, as an operator does before maintenance; what it holds is still answered. */
  unbindAll(): void {
    for (const session of this.#binds) session.unbind({});
    this.#binds.clear();
  }

  /** A message from a person, on any bind; false when there is none. */
  inbound(from: string, to: string, text: string): boolean {
    const unicode = /[^\x20-\x7e]/.test(text);
    const sent = this.#deliver({
      source_addr_ton: TON_INTERNATIONAL,
      source_addr_npi: 1,
      source_addr: from.replace(/^\+/, ''),
      destination_addr: to,
      data_coding: unicode ? 8 : 0,
      short_message: unicode ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'latin1'),
    });
    if (sent) this.counts.inbound += 1;
    return sent;
  }

  #accept(session: Session): void {
    session.socket.setNoDelay(true);
    if (this.knobs.down) return session.destroy();
    session.on('error', () => session.destroy());
    session.on('close', () => this.#binds.delete(session));
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu: Pdu) => {
      this.#binds.delete(session);
      session.send(pdu.response());
      session.close();
    });
    session.on('bind_transceiver', (pdu: Pdu) => {
      if (this.knobs.down) return void session.send(pdu.response({ command_status: ESME_RBINDFAIL }));
      this.#binds.add(session);
      session.send(pdu.response({ system_id: 'stand-in' }));
    });
    // A transmitter gets no receipts.
    session.on('bind_transmitter', (pdu: Pdu) => void session.send(pdu.response({ system_id: 'stand-in' })));
    session.on('submit_sm', (pdu: Pdu) => {
      this.lastSequence = pdu.sequence_number;
      const arrived = Date.now();
      if (this.knobs.slowMs > 0) setTimeout(() => this.#submitted(session, pdu, arrived), this.knobs.slowMs);
      else this.#submitted(session, pdu, arrived);
    });
  }

  #submitted(session: Session, pdu: Pdu, arrived: number): void {
    const { knobs } = this;
    const refuse = (status: number): void => {
      this.counts.refused += 1;
      session.send(pdu.response({ command_status: status }));
    };
    if (!this.#police.admit(performance.now(), knobs.rate)) {
      this.counts.throttled += 1;
      return void session.send(pdu.response({ command_status: ESME_RTHROTTLED }));
    }
    if (knobs.failRate > 0 && Math.random() < knobs.failRate) return refuse(ESME_RINVDSTADR);
    if (knobs.queueFullRate > 0 && Math.random() < knobs.queueFullRate) return refuse(ESME_RMSGQFUL);
    if (knobs.errorRate > 0 && Math.random() < knobs.errorRate) return refuse(ESME_RSYSERR);
    if (knobs.nonsenseRate > 0 && Math.random() < knobs.nonsenseRate) return refuse(NONSENSE);
    const text = pdu['short_message'];
    const joined = Number(pdu['esm_class']) & UDH_INDICATOR && Buffer.isBuffer(text) ? text : undefined;
    if (knobs.busyPart > 0 && joined?.[5] === knobs.busyPart) return refuse(ESME_RSUBMITFAIL);
    const [part, parts] = [joined?.[5] ?? 1, joined?.[4] ?? 1];
    const named = pdu[DELIVERY_ID_TLV];
    const deliveryId = typeof named === 'string' ? named : '';
    const answer = (messageId: string): void => {
      gatherWrites(session.socket);
      if (!knobs.mute) session.send(pdu.response({ message_id: messageId }));
    };
    if (knobs.deduplicates && this.#takenBefore.whenSynced(deliveryId, part, answer)) {
      this.counts.deduplicated += 1;
      return;
    }
    const providerId = (this.#nextId++).toString(16).toUpperCase();
    const to = `+${String(pdu['destination_addr'])}`;
    const line = {
      deliveryId,
      part,
      parts,
      at: Date.now(),
      arrived,
      to,
      providerId,
      channel: 'sms' as const,
      ...(this.name === '' ? {} : { smsc: this.name }),
    };
    this.#takenBefore.taking(line);
    this.#ledger.append(line, () => {
      this.counts.accepted += 1;
      this.#takenBefore.synced(line);
      if (knobs.earlyReceipts) this.#report(pdu, providerId);
      answer(providerId);
      if (knobs.earlyReceipts) return;
      for (let copy = 0; copy < knobs.receiptCopies; copy++) {
        const delay = knobs.receiptMinMs + Math.random() * (knobs.receiptMaxMs - knobs.receiptMinMs);
        this.#wheel.after(delay, () => this.#report(pdu, providerId));
      }
    });
  }

  #report(pdu: Pdu, providerId: string): void {
    const { knobs } = this;
    const wanted = Number(pdu['registered_delivery']) & 3;
    const delivered = knobs.undeliverableRate === 0 || Math.random() >= knobs.undeliverableRate;
    if (wanted === 0 || (wanted === 2 && delivered)) return;
    if (knobs.dropReceipts > 0 && Math.random() < knobs.dropReceipts) return;
    const stat = delivered ? 'DELIVRD' : 'UNDELIV';
    const tlvs = knobs.receiptIds === 'tlv' ? { receipted_message_id: providerId, message_state: delivered ? 2 : 5 } : {};
    const parameters = {
      source_addr_ton: TON_INTERNATIONAL,
      source_addr_npi: 1,
      source_addr: pdu['destination_addr'],
      destination_addr: pdu['source_addr'],
      esm_class: RECEIPT,
      data_coding: 0,
      short_message: Buffer.from(
        `id:${this.#written(providerId)} sub:001 dlvrd:${delivered ? '001' : '000'} stat:${stat} err:${delivered ? '000' : '001'} text:`,
        'latin1',
      ),
      ...tlvs,
    };
    if (knobs.holdReceipts) return this.storm.hold(parameters, delivered);
    const times = knobs.duplicateReceipts > 0 && Math.random() < knobs.duplicateReceipts ? 2 : 1;
    for (let time = 0; time < times; time++) {
      this.#deliverUntilTaken(parameters);
    }
  }

  #written(providerId: string): string {
    switch (this.knobs.receiptIds) {
      case 'decimal':
        return BigInt(`0x${providerId}`).toString();
      case 'lower':
        return providerId.toLowerCase();
      case 'zeros':
        return providerId.padStart(20, '0');
      default:
        return providerId;
    }
  }

  /** No bind, or an answer that says "not now": an operator keeps it and tries again. */
  #deliverUntilTaken(parameters: Readonly<Record<string, unknown>>): void {
    const again = (): void => this.#wheel.after(RETRY_MS, () => this.#deliverUntilTaken(parameters));
    const sent = this.#deliver(parameters, (answer) => {
      if (answer.command_status !== 0) again();
    });
    if (sent) this.counts.receipts += 1;
    else again();
  }

  #deliver(parameters: Readonly<Record<string, unknown>>, answered?: (pdu: Pdu) => void): boolean {
    const binds = [...this.#binds];
    const bind = binds[Math.floor(Math.random() * binds.length)];
    if (!bind) return false;
    gatherWrites(bind.socket);
    return bind.deliver_sm(parameters, answered);
  }
}
