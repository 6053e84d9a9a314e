import { open, type FileHandle } from 'node:fs/promises';

/** One mail taken: what a joiner needs to say what was lost or doubled. */
export interface LedgerEntry {
  readonly deliveryId: string;
  readonly attempt: number;
  /** Unix ms of the acceptance. */
  readonly at: number;
  /** Unix ms at which its text had come in: earlier than `at` where the stand-in plays a slow relay. */
  readonly arrived: number;
  readonly to: string;
  readonly messageId: string;
  readonly channel: 'email';
}

/** Appends entries as JSON lines; each append resolves only when its line is on the disk. Appends that meet share one sync. */
export class Ledger {
  #waiting: { line: string; done: (error?: unknown) => void }[] = [];
  #writing: Promise<void> | undefined;

  private constructor(readonly file: FileHandle) {}

  static async open(path: string): Promise<Ledger> {
    return new Ledger(await open(path, 'a', 0o600));
  }

  async append(entry: LedgerEntry): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({
        line: `${JSON.stringify(entry)}\n`,
        done: (error) => (error === undefined ? resolve() : reject(error as Error)),
      });
      this.#writing ??= this.#write();
    });
  }

  /** Waits for what is being written, then closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    await this.file.close();
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.file.appendFile(group.map((row) => row.line).join(''));
        await this.file.datasync();
        for (const row of group) row.done();
      } catch (error) {
        for (const row of group) row.done(error);
      }
    }
    this.#writing = undefined;
  }
}
