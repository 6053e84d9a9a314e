import { setTimeout as pause } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import type { Documents, Guarded } from '@tocsin/mongo';

/** Times a change is decided anew when another instance wrote first. */
const MAX_TRIES = 10;
/** Milliseconds waited at most after the n-th lost guard, times n. */
const PAUSE_MS = 5;

/** Reads, changes, writes guarded; `read` throws when the thing is not there, `change` answers null when there is nothing to do. */
export async function changeDocument<T extends Guarded>(
  documents: Documents<T>,
  read: () => Promise<T>,
  change: (stored: T) => T | null,
): Promise<T> {
  for (let lost = 0; lost < MAX_TRIES; lost += 1) {
    if (lost > 0) await pause(Math.random() * PAUSE_MS * lost);
    const stored = await read();
    const changed = change(stored);
    if (!changed) return stored;
    if (await documents.replace(changed)) return changed;
  }
  throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others changed the same record at the same time; try again.');
}
