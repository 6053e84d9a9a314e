import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isNoSpace } from '@tocsin/testing';

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
    const ballast = join(this.#folderOf(name), BALLAST);
    // Writes until nothing is left, which is how it is meant to end; whoever writes beside it may take the last bytes.
    await run('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1M'], { timeout: COMMAND_DEADLINE_MS }).catch((failure: unknown) => {
      if (!isNoSpace(failure)) throw failure;
    });
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
