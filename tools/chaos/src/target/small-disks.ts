import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const COMMAND_DEADLINE_MS = 60_000;
const BALLAST = 'ballast';

const run = promisify(execFile);

/** Small file systems in memory that can be filled to the last byte; mounted in a room of one's own, they vanish with it. */
export class SmallDisks {
  readonly #folders = new Map<string, string>();

  /** Mounts one of so many MiB over a folder; memory is taken only for what lies on it. */
  async mount(name: string, folder: string, mebibytes: number): Promise<void> {
    mkdirSync(folder, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', `size=${Math.round(mebibytes)}m`, 'tocsin-chaos', folder], { timeout: COMMAND_DEADLINE_MS });
    this.#folders.set(name, folder);
  }

  /** Takes all that is free; what was being written fails with ENOSPC from now on. */
  async fill(name: string): Promise<void> {
    const folder = this.#folderOf(name);
    const { bavail, bsize } = statfsSync(folder);
    await run('fallocate', ['-l', String(Math.max(1, bavail * bsize)), join(folder, BALLAST)], { timeout: COMMAND_DEADLINE_MS });
  }

  async empty(name: string): Promise<void> {
    rmSync(join(this.#folderOf(name), BALLAST), { force: true });
  }

  async unmountAll(): Promise<void> {
    for (const folder of this.#folders.values())
      await run('umount', ['-l', folder], { timeout: COMMAND_DEADLINE_MS }).catch(() => undefined);
    this.#folders.clear();
  }

  #folderOf(name: string): string {
    const folder = this.#folders.get(name);
    if (folder === undefined) throw new Error(`${name} has no small disk`);
    return folder;
  }
}
