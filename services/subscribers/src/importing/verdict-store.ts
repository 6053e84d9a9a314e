import type { Documents, Guarded } from '@tocsin/mongo';
import type { RowVerdict } from '../csv/verdict.js';

/** Verdicts of one document. */
export const VERDICTS_EACH = 500;
/** Verdicts kept of one import; beyond it only the counts go on. */
export const MAX_VERDICTS = 200_000;

export interface VerdictDocument extends Guarded {
  readonly verdicts: readonly RowVerdict[];
}

/** Verdicts of imports in documents "<import>:<n>", written as they fill, so that a re-run writes the same ones again. */
export class VerdictStore {
  constructor(private readonly documents: Documents<VerdictDocument>) {}

  async put(importId: string, index: number, verdicts: readonly RowVerdict[]): Promise<void> {
    const id = verdictsId(importId, index);
    if (await this.documents.insert({ _id: id, v: 1, verdicts })) return;
    const standing = await this.documents.get(id);
    // A lost guard means that another run of the same import wrote the same verdicts.
    if (standing) await this.documents.replace({ ...standing, verdicts });
  }

  async get(importId: string, index: number): Promise<readonly RowVerdict[]> {
    return (await this.documents.get(verdictsId(importId, index)))?.verdicts ?? [];
  }
}

/** Collects the verdicts of one run and writes full pages. */
export class VerdictLog {
  private pending: RowVerdict[] = [];
  private readonly counts = new Map<string, number>();
  private written = 0;

  constructor(
    private readonly store: VerdictStore,
    private readonly importId: string,
  ) {}

  /** Refusals so far by reason. */
  get refusals(): { reason: string; count: number }[] {
    return [...this.counts].map(([reason, count]) => ({ reason, count })).sort((one, other) => other.count - one.count);
  }

  get kept(): number {
    return this.written + this.pending.length;
  }

  add(verdicts: readonly RowVerdict[]): void {
    for (const verdict of verdicts) {
      if (verdict.verdict === 'REFUSED') this.counts.set(verdict.reason, (this.counts.get(verdict.reason) ?? 0) + 1);
      if (this.kept < MAX_VERDICTS) this.pending.push(verdict);
    }
  }

  /** Writes full pages, and the last one when the file is read. */
  async flush(last: boolean): Promise<void> {
    while (this.pending.length >= VERDICTS_EACH || (last && this.pending.length > 0)) {
      const page = this.pending.slice(0, VERDICTS_EACH);
      await this.store.put(this.importId, this.written / VERDICTS_EACH, page);
      this.pending = this.pending.slice(page.length);
      this.written += page.length;
    }
  }
}

function verdictsId(importId: string, index: number): string {
  return `${importId}:${index}`;
}
