import { type Journal, journalOf, type KafkaConnection } from '@tocsin/kafka';
import { type Archive, idOf, plainDocument, type RawDocument } from '@tocsin/mongo';
import type { Checkpoint } from '../../../../services/routing/dist/scheduler/checkpoint-store.js';
import { planCopy, readManifestRecords } from './copy-plan.js';
import { type CopiedPartition, type Ending, packPiece, type Piece } from './pieces.js';
import { type Database, DECIDED, FLOWING, readingOrder } from './reading-order.js';
import { SealedWriter } from './sealed-file.js';

/** Records of one piece at most, as fetched or so. */
const PIECE_RECORDS = 5_000;

export interface BackupParts {
  readonly kafka: KafkaConnection;
  /** Opens a service's database, by its name without prefix. */
  open(database: Database): Promise<Archive>;
  /** Opens the backup. */
  readonly key: Buffer;
  /** Part of the store's time that reading may take, above 0 and up to 1. */
  readonly share: number;
  /** Unix ms. */
  now(): number;
}

export interface TakenBackup extends Ending {
  readonly path: string;
  readonly takenAt: number;
  readonly bytes: number;
}

/** Copies everything a restore needs into one sealed file, while the platform runs; the file has its name only once it is complete. */
export async function takeBackup(parts: BackupParts, path: string): Promise<TakenBackup> {
  const writer = new SealedWriter(path, parts.key);
  try {
    const ending = await new Backup(parts, writer).run();
    writer.finish();
    return { path, bytes: writer.bytes, ...ending };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

class Backup {
  private readonly journal: Journal;
  private readonly documents: Record<string, number> = {};
  private readonly records: Record<string, number> = {};

  constructor(
    private readonly parts: BackupParts,
    private readonly writer: SealedWriter,
  ) {
    this.journal = journalOf(parts.kafka);
  }

  /** The order is what makes it consistent: docs/backup.md says why. */
  async run(): Promise<Ending & { readonly takenAt: number }> {
    const { parts, journal } = this;
    const takenAt = parts.now();
    const checkpoints = await this.checkpoints();
    const manifests = await readManifestRecords(journal, parts.kafka);
    const plan = await planCopy(
      parts.kafka,
      journal,
      manifests,
      checkpoints.map((raw) => plainDocument<Checkpoint>(raw)),
      takenAt,
    );
    const { channels, groups } = plan;
    this.write({ kind: 'beginning', value: { takenAt, channels, groups, partitions: [...plan.flows, ...plan.whole] } });
    this.writeDocuments('routing', 'checkpoints', checkpoints);
    for (const database of FLOWING) await this.database(database);
    const flowsEnd = await this.ends(plan.flows);
    for (const database of DECIDED) await this.database(database);
    for (const place of plan.flows) await this.partition(place, flowsEnd);
    const wholeEnd = await this.ends(plan.whole);
    for (const place of plan.whole) await this.partition(place, wholeEnd);
    const ending: Ending = { endedAt: parts.now(), documents: this.documents, records: this.records };
    this.writer.write(packPiece({ kind: 'ending', value: ending }), true);
    return { ...ending, takenAt };
  }

  private async checkpoints(): Promise<RawDocument[]> {
    const archive = await this.parts.open('routing');
    try {
      return await readAll(archive, 'checkpoints');
    } finally {
      await archive.close();
    }
  }

  private async database(database: Database): Promise<void> {
    const archive = await this.parts.open(database);
    try {
      const order = readingOrder(database, await archive.collections());
      const before = new Map<string, RawDocument[]>();
      for (const collection of order.twice) before.set(collection, await readAll(archive, collection));
      for (const collection of order.once) {
        await archive.read(collection, this.parts.share, async (page) => this.writeDocuments(database, collection, page));
      }
      for (const collection of order.twice) {
        const after = await readAll(archive, collection);
        const known = new Set(after.map(idOf));
        const gone = (before.get(collection) ?? []).filter((raw) => !known.has(idOf(raw)));
        this.writeDocuments(database, collection, [...after, ...gone]);
      }
    } finally {
      await archive.close();
    }
  }

  private async ends(places: readonly CopiedPartition[]): Promise<ReadonlyMap<string, number>> {
    const ends = new Map<string, number>();
    for (const topic of new Set(places.map((place) => place.topic))) {
      for (const { partition, high } of await this.parts.kafka.offsets(topic)) ends.set(`${topic}/${partition}`, high);
    }
    return ends;
  }

  private async partition({ topic, partition, base }: CopiedPartition, ends: ReadonlyMap<string, number>): Promise<void> {
    const end = ends.get(`${topic}/${partition}`) ?? 0;
    if (base >= end) return;
    await this.journal.read({ topic, partition }, base, end, async (records) => {
      for (let from = 0; from < records.length; from += PIECE_RECORDS) {
        const some = records.slice(from, from + PIECE_RECORDS);
        this.write({ kind: 'records', topic, partition, records: some });
        this.records[topic] = (this.records[topic] ?? 0) + some.length;
      }
    });
  }

  private writeDocuments(database: string, collection: string, documents: readonly RawDocument[]): void {
    const name = `${database}/${collection}`;
    this.documents[name] = (this.documents[name] ?? 0) + documents.length;
    if (documents.length > 0) this.write({ kind: 'documents', database, collection, documents });
  }

  private write(piece: Piece): void {
    this.writer.write(packPiece(piece));
  }
}

async function readAll(archive: Archive, collection: string): Promise<RawDocument[]> {
  const documents: RawDocument[] = [];
  await archive.read(collection, 1, async (page) => void documents.push(...page));
  return documents;
}
