import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the clone this code runs from: the nearest folder above that holds the ground's POM. */
export function repositoryRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'deploy', 'ground', 'pom.xml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('Not inside a clone of Tocsin: no folder above holds deploy/ground/pom.xml.');
    folder = parent;
  }
  return folder;
}
