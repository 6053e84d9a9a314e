import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { afterAll, describe, expect, it } from 'vitest';
import { packPiece, type Piece, unpackPiece } from './pieces.js';
import { readSealed, SealedWriter } from './sealed-file.js';

const KEY = Buffer.alloc(32, 5);
const PIECES = ['first', 'number +33639980000', 'last'].map((text) => Buffer.from(text));

describe('a sealed backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-sealed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;

  function written(): string {
    const path = join(folder, `${(files += 1)}.backup`);
    const writer = new SealedWriter(path, KEY);
    PIECES.forEach((piece, at) => writer.write(piece, at === PIECES.length - 1));
    writer.finish();
    return path;
  }

  function reasonOf(path: string, key = KEY): string {
    try {
      return `read ${[...readSealed(path, key)].length}`;
    } catch (error) {
      if (error instanceof TocsinError) return error.reason;
      throw error;
    }
  }

  it('is read as it was written, shows nothing of what is in it, and leaves no half-written file', () => {
    const path = written();
    expect([...readSealed(path, KEY)]).toEqual(PIECES);
    expect(readFileSync(path).includes('639980000')).toBe(false);
    const writer = new SealedWriter(join(folder, 'abandoned'), KEY);
    writer.write(Buffer.from('x'));
    writer.abandon();
    expect(readdirSync(folder).filter((name) => name.includes('abandoned'))).toEqual([]);
  });

  it('is refused under another key, cut at any place, with any octet changed, and with pieces exchanged', () => {
    const path = written();
    expect(reasonOf(path, Buffer.alloc(32, 6))).toBe('BACKUP_KEY');
    const whole = readFileSync(path);
    const changed = join(folder, 'changed');
    const head = whole.indexOf('\n') + 1;
    for (let length = head; length < whole.length; length += 1) {
      writeFileSync(changed, whole.subarray(0, length));
      expect(reasonOf(changed)).toMatch(/^BACKUP_(CUT|DAMAGED)$/);
    }
    for (let at = head; at < whole.length; at += 1) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 1;
      writeFileSync(changed, bent);
      expect(reasonOf(changed)).toMatch(/^BACKUP_(CUT|DAMAGED)$/);
    }
    const first = whole.readUInt32BE(head) + 5;
    const second = whole.readUInt32BE(head + first) + 5;
    const [a, b, rest] = [
      whole.subarray(head, head + first),
      whole.subarray(head + first, head + first + second),
      whole.subarray(head + first + second),
    ];
    writeFileSync(changed, Buffer.concat([whole.subarray(0, head), b, a, rest]));
    expect(reasonOf(changed)).toBe('BACKUP_DAMAGED');
    writeFileSync(changed, 'something else\n');
    expect(reasonOf(changed)).toBe('NOT_A_BACKUP');
  });
});

describe('a piece', () => {
  const records = [
    { offset: 2 ** 40, timestamp: 1_795_000_000_000, key: Buffer.from('k'), value: null },
    { offset: 2 ** 40 + 1, timestamp: 0, key: null, value: Buffer.alloc(3, 1) },
  ];
  it.each<Piece>([
    { kind: 'records', topic: 'a.v1', partition: 3, records },
    {
      kind: 'documents',
      database: 'routing',
      collection: 'slices',
      documents: [Buffer.from([5, 0, 0, 0, 0]), Buffer.from([5, 0, 0, 0, 0])],
    },
    { kind: 'beginning', value: { takenAt: 1, channels: [], partitions: [], groups: [] } },
    { kind: 'ending', value: { endedAt: 1, documents: {}, records: {} } },
  ])('of $kind says again what was put in', (piece) => {
    expect(unpackPiece(packPiece(piece))).toEqual(piece);
  });
});
