import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import type { Edit, Mutation } from './mutation.js';

/** Folders of the root that are not copied: history, state, and what is linked instead. */
const LEFT_OUT = new Set(['.git', '.tocsin', 'node_modules']);

/** A copy of the built tree that may be broken: sources and builds are copied, packages linked, so that nothing reaches the original. */
export class ScratchTree {
  private constructor(
    readonly root: string,
    private readonly original: string,
  ) {}

  static copyOf(original: string): ScratchTree {
    const root = mkdtempSync(join(tmpdir(), 'tocsin-mutant-'));
    for (const entry of readdirSync(original)) {
      if (LEFT_OUT.has(entry)) continue;
      // Times stay: the compiler then sees that everything is built.
      cpSync(join(original, entry), join(root, entry), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    }
    linkPackages(original, root);
    mkdirSync(join(root, '.tocsin'));
    symlinkSync(join(original, '.tocsin', 'cache'), join(root, '.tocsin', 'cache'));
    return new ScratchTree(root, original);
  }

  /** Writes the edits of a mutation; throws when one does not apply. */
  break({ edits }: Mutation): void {
    for (const edit of edits) {
      const path = join(this.root, edit.file);
      writeFileSync(path, applied(edit, readFileSync(path, 'utf8')));
    }
  }

  /** Puts the sources of a mutation back; the packages it touched have to be built again. */
  mend({ edits }: Mutation): void {
    for (const { file } of edits) writeFileSync(join(this.root, file), readFileSync(join(this.original, file)));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The text with the edit in it; throws unless what it replaces stands there exactly once. */
export function applied({ file, find, replace }: Edit, text: string): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${file}: the text to replace stands there ${count} times, not once: ${find}`);
  return text.replace(find, () => replace);
}

/** The project ("libs/kafka") a source belongs to. */
export function projectOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

/** Every package by a link of its own; our libraries, which are links into the tree already, by the same links into the copy. */
function linkPackages(original: string, root: string): void {
  const from = join(original, 'node_modules');
  const to = join(root, 'node_modules');
  mkdirSync(join(to, '@tocsin'), { recursive: true });
  for (const entry of readdirSync(from)) {
    // Caches of tools, written to by their runs.
    if (entry === '@tocsin' || entry === '.vite' || entry === '.cache') continue;
    symlinkSync(join(from, entry), join(to, entry));
  }
  for (const library of readdirSync(join(from, '@tocsin'))) {
    symlinkSync(
      relative(join(to, '@tocsin'), join(root, 'libs', library))
        .split(sep)
        .join('/'),
      join(to, '@tocsin', library),
    );
  }
}
