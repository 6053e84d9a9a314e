import { closeSync, fdatasync, openSync, readSync, fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeTo = promisify(write);
const sync = promisify(fdatasync);

/** ms lines gather before they are synced: an fsync costs as much CPU as ten messages, and no operator answers faster. */
const GATHER_MS = 5;

/** One acceptance, as the checkers read it; the only place where a number stands in clear. */
export interface LedgerLine {
  readonly deliveryId: string;
  readonly part: number;
  readonly parts: number;
  /** Unix ms at which it was taken. */
  readonly at: number;
  /** Unix ms at which it came in: earlier than `at` where the stand-in plays a slow operator. */
  readonly arrived: number;
  /** E.164. */
  readonly to: string;
  readonly providerId: string;
  readonly channel: 'sms';
  /** Which stand-in, where several write into one ledger. */
  readonly smsc?: string;
}

/** Appends lines to a file; each is on disk before its promise resolves, and many share one fsync. */
export class Ledger {
  readonly #file: number;
  #lines: string[] = [];
  #waiting: (() => void)[] = [];
  #writing = false;

  constructor(path: string) {
    this.#file = openSync(path, 'a+', 0o600);
    this.#closeTornLine();
  }

  /** Calls back when the line is synced. */
  append(line: LedgerLine, synced: () => void): void {
    this.#lines.push(JSON.stringify(line));
    this.#waiting.push(synced);
    if (this.#writing) return;
    this.#writing = true;
    setTimeout(() => void this.#drain(), GATHER_MS);
  }

  close(): void {
    closeSync(this.#file);
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    for (; this.#lines.length > 0; await new Promise((resolve) => setTimeout(resolve, GATHER_MS))) {
      const text = `${this.#lines.join('\n')}\n`;
      const waiting = this.#waiting;
      this.#lines = [];
      this.#waiting = [];
      await writeTo(this.#file, text);
      await sync(this.#file);
      for (const synced of waiting) synced();
    }
    this.#writing = false;
  }

  /** A kill in the middle of a write leaves half a line that nobody was answered for; a newline sets it apart. */
  #closeTornLine(): void {
    const { size } = fstatSync(this.#file);
    const last = Buffer.alloc(1);
    if (size === 0 || (readSync(this.#file, last, 0, 1, size - 1) === 1 && last[0] === 0x0a)) return;
    this.#lines.push('');
    this.#waiting.push(() => undefined);
    void this.#drain();
  }
}
