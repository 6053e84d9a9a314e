import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupFacts } from '../facts.js';

/** What the backup command wrote down beside the backups when the last one was complete. */
export function collectBackup(folder: string | undefined): BackupFacts | undefined {
  if (folder === undefined) return undefined;
  try {
    const { takenAt } = JSON.parse(readFileSync(join(folder, 'last.json'), 'utf8')) as { takenAt?: unknown };
    return { folder, takenAt: typeof takenAt === 'number' ? takenAt : 0 };
  } catch {
    return { folder, takenAt: 0 };
  }
}
