import { openSync, writeSync } from 'node:fs';
import type { RouteDriver, SubmitAnswer, Submission } from '@tocsin/channel-kit';

/** Submissions between two lines of the count: the writer must not become the cost. */
export const COUNT_EVERY = 1_000;
/** Submissions in flight a share, the most a driver may have. */
const WINDOW = 64;

/** A line of the tell-tale file: a campaign's first submission, or how many there were so far. */
export interface TellTale {
  /** Unix ms. */
  readonly at: number;
  readonly campaignId?: string;
  readonly submitted?: number;
}

const ACCEPTED: Promise<SubmitAnswer> = Promise.resolve({ kind: 'accepted', providerIds: [], code: '' });

/** A provider that takes everything at once and is nobody; it tells in a file what a benchmark must know without asking. Closed until toggled. */
export class NullRoute implements RouteDriver {
  readonly routeId = 'null-1';
  readonly provider = 'null';
  readonly window = WINDOW;
  private readonly file: number;
  private readonly seen = new Set<string>();
  private submitted = 0;
  private open = false;
  private told = true;
  private lines = '';

  constructor(
    readonly ratePerSecond: number,
    tellTale: string,
  ) {
    this.file = openSync(tellTale, 'a');
  }

  /** Binds or unbinds. */
  toggle(): void {
    this.open = !this.open;
    this.told = !this.open;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  setShares(): Promise<void> {
    return Promise.resolve();
  }

  bound(): boolean {
    return this.open;
  }

  submit({ campaignId }: Submission): Promise<SubmitAnswer> {
    if (++this.submitted % COUNT_EVERY === 0 || !this.told) this.tell({ at: Date.now(), submitted: this.submitted });
    this.told = true;
    if (!this.seen.has(campaignId)) {
      this.seen.add(campaignId);
      this.tell({ at: Date.now(), campaignId });
    }
    return ACCEPTED;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  private tell(line: TellTale): void {
    // Those of one turn of the loop together: with thousands of campaigns a write each would be a cost of the path.
    if (this.lines === '') setImmediate(() => this.write());
    this.lines += `${JSON.stringify(line)}\n`;
  }

  private write(): void {
    writeSync(this.file, this.lines);
    this.lines = '';
  }
}
