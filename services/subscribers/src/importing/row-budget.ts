/** Rows of a chunk: at least 20,000, because a chunk writes each bucket of the register about twice whatever its size. */
export const CHUNK_ROWS = 40_000;
/** Rows held by all imports of this process: about 0.6 KB each, within the 300 MiB a service may take. Twice that while every import writes. */
const ROWS_HELD = 100_000;

/** Shares the memory of rows read and not yet written between the imports of this process: full chunks while there is room, else an equal part each, so that many imports at once are slower and never larger. */
export class RowBudget {
  private held = 0;
  private imports = 0;

  /** An import begins; the answer ends it. */
  enter(): () => void {
    this.imports += 1;
    return () => {
      this.imports -= 1;
    };
  }

  take(): void {
    this.held += 1;
  }

  release(rows: number): void {
    this.held -= rows;
  }

  /** Whether a chunk of this many rows is to be written now. */
  isDue(rows: number): boolean {
    return rows >= CHUNK_ROWS || (this.held >= ROWS_HELD && rows >= ROWS_HELD / Math.max(1, this.imports));
  }
}
