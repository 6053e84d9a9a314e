import type { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { Import } from '@tocsin/contracts/subscribers/v1/registers_service';
import { TocsinError } from '@tocsin/errors';
import type { Sealer } from '@tocsin/sealing';
import { readPerson } from '../csv/person-row.js';
import type { Header } from '../csv/header.js';
import type { RawRow } from '../csv/row-reader.js';
import { keyOf } from '../register/claims.js';
import type { HeadDocument } from '../register/heads.js';
import type { ContactSealing } from '../register/sealed-contact.js';
import { LANES } from '../turns/lanes.js';
import { Slices } from '../turns/slices.js';
import { writeChunk, type ChunkParts } from './chunk-writer.js';
import { FileRows, MAX_ROWS } from './file-rows.js';
import { packRow, type PackedRow } from './packed-row.js';
import type { RowBudget } from './row-budget.js';
import { SeenHashes } from './seen-hashes.js';
import type { VerdictLog } from './verdict-store.js';

export interface ImportOrder {
  readonly importId: string;
  readonly tenantId: string;
  readonly register: RegisterKind;
  readonly fileName: string;
  readonly purpose: string;
  readonly groups: readonly string[];
  readonly startedAt: number;
}

export interface ImportParts extends ChunkParts {
  readonly sealer: Sealer;
  readonly budget: RowBudget;
  /** The register, made when it is not there. */
  openRegister(): Promise<HeadDocument>;
}

/** Imports one file; `progress` may be read at any time. Nothing is written before the header is understood. */
export class ImportRun {
  private readonly file = new FileRows();
  private readonly seen = new SeenHashes();
  private readonly slices: Slices;
  private readonly counts = { rows: 0, created: 0, updated: 0, unchanged: 0, merged: 0, refused: 0 };
  private head: HeadDocument | undefined;
  private held: PackedRow[] = [];

  constructor(
    private readonly order: ImportOrder,
    private readonly verdicts: VerdictLog,
    private readonly parts: ImportParts,
  ) {
    this.slices = new Slices(LANES.file, order.tenantId);
  }

  progress(): Import {
    const { importId, tenantId, register, fileName, startedAt } = this.order;
    return Import.fromPartial({
      importId,
      tenantId,
      register,
      fileName,
      startedAt,
      ...this.counts,
      encoding: this.file.header ? this.file.encoding : '',
      delimiter: this.file.header?.delimiter ?? '',
      refusals: this.verdicts.refusals,
    });
  }

  async run(chunks: AsyncIterable<Buffer>): Promise<void> {
    const leave = this.parts.budget.enter();
    try {
      for await (const chunk of chunks) await this.take(this.file.push(chunk));
      await this.take(this.file.end());
      await this.flush();
      await this.verdicts.flush(true);
    } finally {
      this.parts.budget.release(this.held.length);
      this.held = [];
      leave();
    }
  }

  private async take(rows: Iterable<RawRow>): Promise<void> {
    for (const row of rows) {
      const header = this.file.header;
      if (!header) return;
      this.head ??= await this.parts.openRegister();
      this.read(row, header, this.head);
      await this.slices.breathe();
      if (this.parts.budget.isDue(this.held.length)) await this.flush();
    }
  }

  private read(row: RawRow, header: Header, head: HeadDocument): void {
    this.counts.rows += 1;
    if (this.counts.rows > MAX_ROWS) {
      throw new TocsinError(
        'RESOURCE_EXHAUSTED',
        'TOO_MANY_ROWS',
        `The file has more than ${MAX_ROWS} rows; those before are taken. Cut it in parts.`,
      );
    }
    if ('fault' in row) {
      this.counts.refused += 1;
      this.verdicts.add([{ line: row.line, verdict: 'REFUSED', reason: row.fault, column: '' }]);
      return;
    }
    const { person, verdicts } = readPerson(row.line, row.cells, header, { inseeCode: head.inseeCode, groups: this.order.groups });
    this.verdicts.add(verdicts);
    if (!person) {
      this.counts.refused += 1;
      return;
    }
    const { sealer } = this.parts;
    this.held.push(
      packRow(
        person,
        (address) => keyOf(sealer.addressHash(address)),
        (key) => this.seen.add(key),
      ),
    );
    this.parts.budget.take();
  }

  private async flush(): Promise<void> {
    if (this.held.length === 0 || !this.head) return;
    const rows = this.held;
    this.held = [];
    try {
      const { sealer } = this.parts;
      const { importId, purpose } = this.order;
      const sealing: ContactSealing = { sealer, key: this.head.sealKey, importId, purpose };
      const { counts, verdicts } = await writeChunk(this.head._id, rows, sealing, this.parts);
      this.counts.created += counts.created;
      this.counts.updated += counts.updated;
      this.counts.unchanged += counts.unchanged;
      this.counts.merged += counts.merged;
      this.verdicts.add(verdicts);
      await this.verdicts.flush(false);
    } finally {
      this.parts.budget.release(rows.length);
    }
  }
}
