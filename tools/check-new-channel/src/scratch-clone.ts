import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Clones what git has of this tree and lends it the installed packages; the libraries are the clone's own. */
export function scratchClone(root: string, scratch: string): void {
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, scratch]);
  const modules = join(scratch, 'node_modules');
  mkdirSync(join(modules, '@tocsin'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@tocsin') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(scratch, 'libs'))) {
    symlinkSync(join(scratch, 'libs', name), join(modules, '@tocsin', name));
  }
}
