import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { TextReader } from './text-reader.js';

const TEXT = `nom;prénom;ville\n${'Lefèvre;Zoé;Forêt-la-Folie\n'.repeat(20)}`;
const LATE = `nom;ville\n${'Martin;Paris\n'.repeat(200)}Noël;Œuilly\n`;
const bytes = (text: string, encoding: string): Buffer => iconv.encode(text, encoding);

const ROWS: readonly { says: string; file: Buffer; encoding: string; text: string }[] = [
  { says: 'UTF-8', file: bytes(TEXT, 'utf-8'), encoding: 'utf-8', text: TEXT },
  { says: 'UTF-8 with BOM', file: Buffer.concat([Buffer.from('efbbbf', 'hex'), bytes(TEXT, 'utf-8')]), encoding: 'utf-8-bom', text: TEXT },
  { says: 'Windows-1252', file: bytes(TEXT, 'windows-1252'), encoding: 'windows-1252', text: TEXT },
  { says: 'UTF-16 LE', file: Buffer.concat([Buffer.from('fffe', 'hex'), bytes(TEXT, 'utf-16le')]), encoding: 'utf-16le', text: TEXT },
  { says: 'UTF-16 BE', file: Buffer.concat([Buffer.from('feff', 'hex'), bytes(TEXT, 'utf-16be')]), encoding: 'utf-16be', text: TEXT },
  { says: 'accents that come late, UTF-8', file: bytes(LATE, 'utf-8'), encoding: 'utf-8', text: LATE },
  { says: 'accents that come late, Windows-1252', file: bytes(LATE, 'windows-1252'), encoding: 'windows-1252', text: LATE },
  { says: 'plain ASCII', file: Buffer.from('nom;mail\n'), encoding: 'ascii', text: 'nom;mail\n' },
  { says: 'the last byte alone is an accent', file: Buffer.from('Zo\xe9', 'latin1'), encoding: 'windows-1252', text: 'Zoé' },
  { says: 'three bytes', file: Buffer.from('é\n', 'utf-8'), encoding: 'utf-8', text: 'é\n' },
  { says: 'nothing', file: Buffer.alloc(0), encoding: 'ascii', text: '' },
];

describe('reading text', () => {
  it.each(ROWS)('$says', ({ file, encoding, text }) => {
    for (const size of [1, 2, 3, 7, 1_000, 65_536]) {
      const reader = new TextReader();
      let read = '';
      for (let at = 0; at < file.length; at += size) read += reader.push(file.subarray(at, at + size));
      read += reader.end();
      expect({ read, encoding: reader.encoding }, `in pieces of ${size}`).toEqual({ read: text, encoding });
    }
  });

  it('keeps UTF-8 for a file with a damaged byte among many good ones', () => {
    const reader = new TextReader();
    const text = reader.push(Buffer.concat([Buffer.from('é'.repeat(50)), Buffer.from('ff', 'hex'), Buffer.from('\n')]));
    expect(reader.encoding).toBe('utf-8');
    expect(text).toBe(`${'é'.repeat(50)}\uFFFD\n`);
  });

  it.each([
    { says: 'a spreadsheet', file: Buffer.from('504b030414000600', 'hex'), tells: /spreadsheet/ },
    { says: 'NUL bytes', file: Buffer.from('n\0o\0m\0;\0'), tells: /NUL/ },
    { says: 'a PDF', file: Buffer.from('%PDF-1.7'), tells: /PDF/ },
  ])('refuses $says', ({ file, tells }) => {
    expect(() => new TextReader().push(file)).toThrow(tells);
  });
});
