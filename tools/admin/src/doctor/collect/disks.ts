import { statfs } from 'node:fs/promises';
import type { DiskFacts } from '../facts.js';

/** How much is left on the disks of these folders, each disk once; a folder that is not there is left out. */
export async function collectDisks(paths: readonly string[]): Promise<readonly DiskFacts[]> {
  const read = await Promise.all(
    paths.map(async (path) => {
      const disk = await statfs(path).catch(() => undefined);
      return disk && { path, freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize };
    }),
  );
  const seen = new Set<string>();
  return read.flatMap((disk) => {
    if (!disk) return [];
    const key = `${disk.freeBytes}/${disk.totalBytes}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [disk];
  });
}
