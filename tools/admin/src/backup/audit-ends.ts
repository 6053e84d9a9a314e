import { idOf, plainDocument, type RawDocument } from '@tocsin/mongo';
import type { AuditHeadDocument } from '../../../../services/tenants/dist/stores/records.js';

/**
 * Entries appended while an audit was read may have been seen without the one before them, since numbers are read in the order of text: 1, 10, 11, 2. Such an end is
 * left off, or it would look cut. A gap before the head, which was read first, is none of that: it stays for `audit verify` to name.
 */
export class AuditEnds {
  private readonly numbers = new Map<string, Set<number>>();
  private readonly heads = new Map<string, number>();

  /** A page of a collection of the tenants' database. */
  note(collection: string, documents: readonly RawDocument[]): void {
    for (const raw of documents) {
      if (collection === 'audit_heads') {
        const { _id: scope, seq } = plainDocument<AuditHeadDocument>(raw);
        this.heads.set(scope, seq);
      } else if (collection === 'audit') {
        const id = idOf(raw);
        const at = id.lastIndexOf(':');
        const scope = id.slice(0, at);
        const seen = this.numbers.get(scope) ?? new Set();
        this.numbers.set(scope, seen.add(Number(id.slice(at + 1))));
      }
    }
  }

  /** Ids of the entries to leave off. */
  behindGaps(): string[] {
    return [...this.numbers].flatMap(([scope, seen]) => {
      let held = 0;
      while (seen.has(held + 1)) held += 1;
      if (held === seen.size || held < (this.heads.get(scope) ?? 0)) return [];
      return [...seen].filter((seq) => seq > held).map((seq) => `${scope}:${seq}`);
    });
  }
}
