import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findDamage, parseChecksums, writeManifest } from './jar-manifest.js';

const CONTENT = 'the bytes of a jar';
const SUM = createHash('sha256').update(CONTENT).digest('hex');

describe('the manifest of downloaded jars', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-jars-'));
    writeFileSync(join(folder, 'a.jar'), CONTENT);
    writeManifest(folder);
    return () => rmSync(folder, { recursive: true });
  });

  const pinned = parseChecksums(`${SUM}  a.jar\n`);
  const rows: readonly { says: string; damage: () => void; expected: readonly string[] }[] = [
    { says: 'a whole folder has no damage', damage: () => undefined, expected: [] },
    { says: 'a cut jar is named', damage: () => truncateSync(join(folder, 'a.jar'), 5), expected: ['a.jar'] },
    { says: 'a missing jar is named', damage: () => rmSync(join(folder, 'a.jar')), expected: ['a.jar'] },
    {
      says: 'a folder without manifest was never finished',
      damage: () => rmSync(join(folder, 'manifest.json')),
      expected: ['manifest.json'],
    },
  ];
  it.each(rows)('$says', ({ damage, expected }) => {
    damage();
    expect(findDamage(folder, pinned)).toEqual(expected);
  });

  it('a jar that differs from the pinned checksum is named even when the folder agrees with itself', () => {
    expect(findDamage(folder, parseChecksums(`${'0'.repeat(64)}  a.jar\n`))).toEqual(['a.jar']);
  });
});
