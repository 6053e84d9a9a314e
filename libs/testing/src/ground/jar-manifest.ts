import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MANIFEST = 'manifest.json';

/** Jar name -> hex SHA-256. */
export type Checksums = ReadonlyMap<string, string>;

/** Reads lines of `sha256sum`. */
export function parseChecksums(text: string): Checksums {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [sum, name] = line.split(/\s+/);
    if (sum !== undefined && name !== undefined && name !== '') sums.set(name, sum);
  }
  return sums;
}

export function writeManifest(folder: string): void {
  writeFileSync(join(folder, MANIFEST), JSON.stringify(Object.fromEntries(sumFolder(folder)), null, 1));
}

/** What is wrong with a folder of jars: missing, changed or cut files by name; empty when it is whole. */
export function findDamage(folder: string, pinned: Checksums): readonly string[] {
  let own: Record<string, string>;
  try {
    own = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as Record<string, string>;
  } catch {
    return [MANIFEST];
  }
  const found = sumFolder(folder);
  const expected = new Map([...Object.entries(own), ...pinned]);
  return [...expected].filter(([name, sum]) => found.get(name) !== sum).map(([name]) => name);
}

export function sumFolder(folder: string): Checksums {
  const jars = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return new Map(
    jars.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}
