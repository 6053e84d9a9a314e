import type { JournalRecord } from '@tocsin/kafka';
import type { RawDocument } from '@tocsin/mongo';

/** One partition of a topic as copied. */
export interface CopiedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first record copied: 0 in a restored Kafka. */
  readonly base: number;
}

/** What one group had committed. */
export interface CommittedGroup {
  readonly group: string;
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[];
}

/** What a backup says first. */
export interface Beginning {
  /** Unix ms when it began: what was decided until then is in it. */
  readonly takenAt: number;
  readonly channels: readonly { readonly channel: string; readonly shares: number }[];
  readonly partitions: readonly CopiedPartition[];
  readonly groups: readonly CommittedGroup[];
}

/** What a backup says last: a reader counts, and compares. */
export interface Ending {
  readonly endedAt: number;
  /** Documents by "<database>/<collection>". */
  readonly documents: Readonly<Record<string, number>>;
  /** Records by topic. */
  readonly records: Readonly<Record<string, number>>;
}

/** The parts of a backup, in this order: beginning, documents, records, ending. */
export type Piece =
  | { readonly kind: 'beginning'; readonly value: Beginning }
  | { readonly kind: 'documents'; readonly database: string; readonly collection: string; readonly documents: readonly RawDocument[] }
  | { readonly kind: 'records'; readonly topic: string; readonly partition: number; readonly records: readonly JournalRecord[] }
  | { readonly kind: 'ending'; readonly value: Ending };

/** A piece as octets: the length of a JSON head, the head, then documents or records as they are. */
export function packPiece(piece: Piece): Buffer {
  switch (piece.kind) {
    case 'beginning':
    case 'ending':
      return withHead({ kind: piece.kind, value: piece.value }, []);
    case 'documents': {
      const { kind, database, collection, documents } = piece;
      return withHead({ kind, database, collection, count: documents.length }, documents);
    }
    case 'records': {
      const { kind, topic, partition, records } = piece;
      return withHead({ kind, topic, partition, count: records.length }, records.map(packRecord));
    }
  }
}

/** Throws RangeError for octets that are no piece. */
export function unpackPiece(octets: Buffer): Piece {
  const length = octets.readUInt32BE();
  const head = JSON.parse(octets.subarray(4, 4 + length).toString('utf8')) as Record<string, unknown>;
  const body = octets.subarray(4 + length);
  const count = Number(head['count']);
  switch (head['kind']) {
    case 'beginning':
      return { kind: 'beginning', value: head['value'] as Beginning };
    case 'ending':
      return { kind: 'ending', value: head['value'] as Ending };
    case 'documents':
      return {
        kind: 'documents',
        database: String(head['database']),
        collection: String(head['collection']),
        documents: documentsOf(body, count),
      };
    case 'records':
      return { kind: 'records', topic: String(head['topic']), partition: Number(head['partition']), records: recordsOf(body, count) };
    default:
      throw new RangeError('a piece of a kind that this release does not know');
  }
}

function withHead(head: object, body: readonly Uint8Array[]): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, ...body]);
}

/** A document of BSON begins with its length. */
function documentsOf(body: Buffer, count: number): Buffer[] {
  const documents: Buffer[] = [];
  for (let at = 0; documents.length < count;) {
    const length = body.readInt32LE(at);
    documents.push(Buffer.from(body.subarray(at, at + length)));
    at += length;
  }
  return documents;
}

function packRecord({ offset, timestamp, key, value }: JournalRecord): Buffer {
  const head = Buffer.alloc(24);
  head.writeDoubleBE(offset, 0);
  head.writeDoubleBE(timestamp, 8);
  head.writeInt32BE(key?.length ?? -1, 16);
  head.writeInt32BE(value?.length ?? -1, 20);
  return Buffer.concat([head, key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)]);
}

function recordsOf(body: Buffer, count: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let at = 0; records.length < count;) {
    const [keyLength, valueLength] = [body.readInt32BE(at + 16), body.readInt32BE(at + 20)];
    const [offset, timestamp] = [body.readDoubleBE(at), body.readDoubleBE(at + 8)];
    at += 24;
    const key = keyLength < 0 ? null : Buffer.from(body.subarray(at, at + keyLength));
    at += Math.max(0, keyLength);
    const value = valueLength < 0 ? null : Buffer.from(body.subarray(at, at + valueLength));
    at += Math.max(0, valueLength);
    records.push({ offset, timestamp, key, value });
  }
  return records;
}
