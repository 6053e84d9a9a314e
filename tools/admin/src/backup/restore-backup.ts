import { record, TOPICS } from '@tocsin/contracts';
import { ControlKind, ControlTarget, OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { TocsinError } from '@tocsin/errors';
import { type Journal, journalOf, type JournalRecord, type KafkaConnection } from '@tocsin/kafka';
import { type Archive, plainDocument, type RawDocument } from '@tocsin/mongo';
import type { AuditHeadDocument } from '../../../../services/tenants/dist/stores/records.js';
import { AuditEnds } from './audit-ends.js';
import { namesOf, topicsOf } from './copy-plan.js';
import { KnownVersions } from './known-versions.js';
import type { Beginning, Ending, Piece } from './pieces.js';
import { readBackup } from './read-backup.js';
import { type Database, DECIDED, FLOWING } from './reading-order.js';
import { type Bases, basesOf, shiftDocument } from './shift-document.js';

/** Milliseconds a restored campaign may run: what ran before the restore is marked for so long. */
const MARKED_FOR_MS = 30 * 24 * 60 * 60 * 1000;
/** Bytes of documents written at once: below a megabyte, as an embedded store answers nobody meanwhile. */
const WRITE_BYTES = 800_000;

export interface RestoreParts {
  readonly kafka: KafkaConnection;
  /** Opens a service's database, by its name without prefix. */
  open(database: Database): Promise<Archive>;
  readonly key: Buffer;
  /** Unix ms. */
  now(): number;
}

export interface Restored extends Ending {
  readonly takenAt: number;
  /** Events of decisions that were not copied: they have not happened. */
  readonly unheard: number;
  /** Audit entries behind a gap that reading while writing left. */
  readonly auditTrimmed: number;
}

/** Reads a backup into databases and topics that are empty; refuses any that is not, before it writes. Throws TocsinError FAILED_PRECONDITION. */
export async function restoreBackup(parts: RestoreParts, path: string): Promise<Restored> {
  const restore = new Restore(parts);
  try {
    // Read once to its end before anything is written: half a restore is worse than none.
    await readBackup(path, parts.key, () => Promise.resolve());
    const { beginning, ending } = await readBackup(path, parts.key, (piece) => restore.take(piece));
    await restore.finish(beginning);
    return { ...ending, takenAt: beginning.takenAt, unheard: restore.unheard, auditTrimmed: restore.auditTrimmed };
  } finally {
    await restore.close();
  }
}

class Restore {
  unheard = 0;
  auditTrimmed = 0;
  private readonly journal: Journal;
  private readonly archives = new Map<string, Archive>();
  private readonly versions = new KnownVersions();
  private readonly auditEnds = new AuditEnds();
  private readonly next = new Map<string, number>();
  private beginning: Beginning | undefined;
  private base: Bases = () => 0;

  constructor(private readonly parts: RestoreParts) {
    this.journal = journalOf(parts.kafka);
  }

  async take(piece: Piece): Promise<void> {
    switch (piece.kind) {
      case 'beginning':
        return this.begin(piece.value);
      case 'documents':
        return this.documents(piece.database, piece.collection, piece.documents);
      case 'records':
        return this.records(piece.topic, piece.partition, piece.records);
      case 'ending':
        return undefined;
    }
  }

  async finish(beginning: Beginning): Promise<void> {
    for (const { group, offsets } of beginning.groups) {
      await this.journal.commit(
        group,
        offsets.map((place) => ({ ...place, offset: Math.max(0, place.offset - this.base(place.topic, place.partition)) })),
      );
    }
    await this.trimAudit();
    await this.tellHeads();
    await this.tellRestored(beginning);
  }

  async close(): Promise<void> {
    for (const archive of this.archives.values()) await archive.close();
  }

  private async begin(beginning: Beginning): Promise<void> {
    this.beginning = beginning;
    this.base = basesOf(beginning.partitions);
    const topics = topicsOf(beginning.channels);
    const present = new Set(await this.journal.topics());
    for (const name of namesOf(topics).filter((topic) => present.has(topic))) {
      const used = (await this.parts.kafka.offsets(name)).some(({ high }) => high > 0);
      if (used) throw notEmpty(`the topic ${name} has had records`);
    }
    for (const database of [...FLOWING, ...DECIDED]) {
      const archive = await this.archive(database);
      for (const collection of await archive.collections()) {
        if (!(await archive.isEmpty(collection))) throw notEmpty(`the database of ${database} has documents in ${collection}`);
      }
    }
    await this.parts.kafka.ensureTopics(topics);
  }

  private async documents(database: string, collection: string, documents: readonly RawDocument[]): Promise<void> {
    const { beginning } = this;
    if (!beginning) throw new RangeError('a backup begins with its beginning');
    this.versions.note(database, collection, documents);
    if (database === 'tenants') this.auditEnds.note(collection, documents);
    const archive = await this.archive(database as Database);
    let page: RawDocument[] = [];
    let bytes = 0;
    for (const raw of documents) {
      const shifted = shiftDocument(database, collection, raw, this.base, beginning);
      if (bytes > 0 && bytes + shifted.length > WRITE_BYTES) {
        await archive.write(collection, page);
        page = [];
        bytes = 0;
      }
      page.push(shifted);
      bytes += shifted.length;
    }
    await archive.write(collection, page);
  }

  /** In their order and with their times; what must not be heard leaves an empty record in its place, so that offsets stay what they were. */
  private async records(topic: string, partition: number, records: readonly JournalRecord[]): Promise<void> {
    const key = `${topic}/${partition}`;
    const compacted = topicsOf([]).some(({ name, keeps }) => name === topic && keeps === 'compacted');
    let next = this.next.get(key) ?? this.base(topic, partition);
    const written: Omit<JournalRecord, 'offset'>[] = [];
    for (const one of records) {
      for (; !compacted && next < one.offset; next += 1) written.push({ key: null, value: null, timestamp: one.timestamp });
      const heard = this.versions.knows(topic, one);
      if (!heard) this.unheard += 1;
      if (heard || !compacted) written.push(heard ? one : { ...one, value: null });
      next = one.offset + 1;
    }
    const first = await this.journal.write({ topic, partition }, written);
    const known = this.next.get(key);
    if (!compacted && known === undefined && first > 0) throw notEmpty(`somebody else writes to ${topic}`);
    this.next.set(key, next);
  }

  private async trimAudit(): Promise<void> {
    const archive = await this.archive('tenants');
    for (const id of this.auditEnds.behindGaps()) {
      await archive.remove('audit', id);
      this.auditTrimmed += 1;
    }
  }

  /** The heads as restored: those in the old Kafka may be further than what was copied. */
  private async tellHeads(): Promise<void> {
    const archive = await this.archive('tenants');
    await archive.read('audit_heads', 1, async (page) => {
      const records = page.map((raw) => {
        const { _id: scope, seq, hash, at, mac } = plainDocument<AuditHeadDocument>(raw);
        const meta = { tenantId: scope === 'platform' ? '' : scope, occurredAt: at, epoch: seq };
        return record(TOPICS.auditHeads.name, scope, 'tocsin.tenants.v1.AuditHead', { scope, seq, hash, at, mac }, meta);
      });
      await this.parts.kafka.producer().send(records);
    });
  }

  /** More than the backup knows may have left: channels mark what ran before as possible duplicates. */
  private async tellRestored({ takenAt }: Beginning): Promise<void> {
    const now = this.parts.now();
    const control = OperatorControl.fromPartial({
      key: 'restored',
      target: ControlTarget.fromPartial({ kind: ControlKind.RESTORED }),
      reason: `restored from a backup of ${new Date(takenAt).toISOString()}`,
      setBy: 'tocsin-admin',
      setAt: now,
      until: now + MARKED_FOR_MS,
    });
    const meta = { tenantId: '', occurredAt: now, epoch: now };
    await this.parts.kafka
      .producer()
      .send([record(TOPICS.operatorControls.name, 'restored', 'tocsin.tenants.v1.OperatorControl', control, meta)]);
  }

  private async archive(database: Database): Promise<Archive> {
    let archive = this.archives.get(database);
    if (!archive) this.archives.set(database, (archive = await this.parts.open(database)));
    return archive;
  }
}

function notEmpty(what: string): TocsinError {
  return new TocsinError(
    'FAILED_PRECONDITION',
    'TARGET_NOT_EMPTY',
    `Nothing was restored: ${what}. A restore needs an empty Kafka and an empty store.`,
  );
}
