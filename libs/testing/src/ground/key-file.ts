import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a platform key (64 hex characters, owner only) unless there is one; two starts at once agree on the first. */
export function ensureKeyFile(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true });
  const staged = `${file}.${process.pid}`;
  writeFileSync(staged, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(staged, file);
  } catch (failure) {
    if (!existsSync(file)) throw failure;
  } finally {
    rmSync(staged, { force: true });
  }
}
