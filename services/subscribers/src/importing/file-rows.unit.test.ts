import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readPerson } from '../csv/person-row.js';
import { FileRows } from './file-rows.js';

const LINES = [
  'Nom;Prénom;Portable',
  'Lefèvre;Zoé;06 39 98 00 01',
  '"=CMD|\' /C calc\'!A0";Noël;+33 6 39 98 00 02',
  'Durand;Léa;0639980003',
];
const NUMBERS = ['+33639980001', '+33639980002', '+33639980003'];
const CRLF = LINES.join('\r\n') + '\r\n';
const bom = (hex: string, bytes: Buffer): Buffer => Buffer.concat([Buffer.from(hex, 'hex'), bytes]);

const FILES: readonly { says: string; file: Buffer; encoding: string; delimiter?: string; firstLine?: number }[] = [
  { says: 'UTF-8', file: Buffer.from(CRLF), encoding: 'utf-8' },
  { says: 'UTF-8 with BOM', file: bom('efbbbf', Buffer.from(CRLF)), encoding: 'utf-8-bom' },
  { says: 'Windows-1252', file: iconv.encode(CRLF, 'windows-1252'), encoding: 'windows-1252' },
  {
    says: 'UTF-16 LE, as "Unicode text" is saved',
    file: bom('fffe', iconv.encode(CRLF.replaceAll(';', '\t'), 'utf-16le')),
    encoding: 'utf-16le',
    delimiter: '\t',
  },
  { says: 'UTF-16 BE', file: bom('feff', iconv.encode(CRLF, 'utf-16be')), encoding: 'utf-16be' },
  { says: 'commas', file: Buffer.from(CRLF.replaceAll(';', ',')), encoding: 'utf-8', delimiter: ',' },
  { says: 'CR only, as an old Macintosh writes', file: Buffer.from(LINES.join('\r')), encoding: 'utf-8' },
  { says: 'no line end at the end', file: Buffer.from(LINES.join('\n')), encoding: 'utf-8' },
  { says: 'the hint of Excel and an empty line first', file: Buffer.from(`sep=;\r\n;;\r\n${CRLF}`), encoding: 'utf-8', firstLine: 4 },
];

/** Lines and numbers of a file that comes in pieces of this size. */
function read(
  file: Buffer,
  size: number,
): { encoding: string; delimiter: string | undefined; lines: number[]; numbers: (string | undefined)[] } {
  const rows = new FileRows();
  const raw = [];
  for (let at = 0; at < file.length; at += size) raw.push(...rows.push(file.subarray(at, at + size)));
  raw.push(...rows.end());
  const { header, encoding } = rows;
  const people = raw.map((row) =>
    header && 'cells' in row ? readPerson(row.line, row.cells, header, { inseeCode: '44109', groups: [] }).person : null,
  );
  const numbers = people.map((person) => person?.addresses[0]?.address);
  return { encoding, delimiter: header?.delimiter, lines: raw.map(({ line }) => line), numbers };
}

describe('a file of a town hall, in pieces of any size', () => {
  it.each(FILES)('$says', ({ file, encoding, delimiter = ';', firstLine = 2 }) => {
    const lines = [firstLine, firstLine + 1, firstLine + 2];
    for (const size of [1, 2, 3, 5, 16, 65_536]) expect(read(file, size)).toEqual({ encoding, delimiter, lines, numbers: NUMBERS });
  });

  it('a header without a row is no fault, an empty file is', () => {
    expect(read(Buffer.from('Nom;Portable'), 65_536)).toMatchObject({ delimiter: ';', numbers: [] });
    expect(() => read(Buffer.alloc(0), 1)).toThrow(expect.objectContaining({ reason: 'EMPTY_FILE' }) as Error);
    expect(() => read(Buffer.from('\r\n;;\r\n'), 1)).toThrow(expect.objectContaining({ reason: 'EMPTY_FILE' }) as Error);
  });

  it('a line of megabytes costs itself and no memory', () => {
    const long = Buffer.from(`Nom;Portable\nDurand;0639980001\n${'x'.repeat(3_000_000)}\nPetit;0639980002\n`);
    expect(read(long, 65_536)).toMatchObject({ lines: [2, 3, 4], numbers: ['+33639980001', undefined, '+33639980002'] });
  });
});
