/** Rows of a chunk: at least 20,000, because a chunk writes each bucket of the register about twice whatever its size. */
export const CHUNK_ROWS = 40_000;
/** Rows held by all imports of this process: about 0.6 KB each, within the 300 MiB a service may take. */
const ROWS_HELD = 100_000;
/** Below this a chunk is not cut short when the budget is used up: 43 imports side by side still write in bulk. */
const SHORT_CHUNK_ROWS = 40_000;

/** Shares the memory of rows read and not yet written between the imports of this process. */
export class RowBudget {
  private held = 0;

  take(): void {
    this.held += 1;
  }

  release(rows: number): void {
    this.held -= rows;
  }

  /** Whether a chunk of this many rows is to be written now. */
  isDue(rows: number): boolean {
    return rows >= CHUNK_ROWS || (this.held >= ROWS_HELD && rows >= SHORT_CHUNK_ROWS);
  }
}
