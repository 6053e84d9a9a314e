import { closeSync, openSync, readSync } from 'node:fs';
import type { TellTale } from './null-channel/null-route.js';

const CHUNK_BYTES = 65_536;
/** How often a wait looks, ms; the lines have stamps of their own. */
const LOOK_MS = 20;

/** Follows what the null provider tells. */
export class TellTaleReader {
  private offset = 0;
  private rest = '';
  private readonly buffer = Buffer.alloc(CHUNK_BYTES);
  private readonly firsts = new Map<string, number>();
  private lines: TellTale[] = [];

  constructor(private readonly file: string) {}

  /** Submissions told of so far; up to COUNT_EVERY more have happened. */
  get submitted(): number {
    this.read();
    return this.lines.at(-1)?.submitted ?? 0;
  }

  /** Unix ms of the first submission told of at or after a moment, undefined when there was none. */
  movedAfter(since: number): number | undefined {
    this.read();
    return this.lines.find(({ at }) => at >= since)?.at;
  }

  /** Unix ms of a campaign's first submission. */
  async firstOf(campaignId: string, deadlineMs: number): Promise<number> {
    await this.until(`the first submission of ${campaignId}`, () => this.firsts.has(campaignId), deadlineMs);
    return this.firsts.get(campaignId) ?? NaN;
  }

  async until(what: string, enough: () => boolean, deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    for (this.read(); !enough(); this.read()) {
      if (performance.now() > end) throw new Error(`Not within ${deadlineMs / 1_000} s: ${what}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  private read(): void {
    const file = openSync(this.file, 'r');
    try {
      for (let read = this.chunk(file); read > 0; read = this.chunk(file)) {
        const lines = (this.rest + this.buffer.toString('utf8', 0, read)).split('\n');
        this.rest = lines.pop() ?? '';
        for (const line of lines) this.take(JSON.parse(line) as TellTale);
      }
    } finally {
      closeSync(file);
    }
  }

  private chunk(file: number): number {
    const read = readSync(file, this.buffer, 0, CHUNK_BYTES, this.offset);
    this.offset += read;
    return read;
  }

  private take(line: TellTale): void {
    if (line.campaignId !== undefined) this.firsts.set(line.campaignId, line.at);
    else this.lines.push(line);
  }
}
