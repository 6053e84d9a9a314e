import { mkdirSync, statfsSync } from 'node:fs';
import { groundFault } from './ground-fault.js';

const GIB = 1024 ** 3;
/** A city's run writes about 1 GiB of topics and documents; twice that leaves room for the logs. */
const LEAST_FREE_GIB = 2;

/** Throws DISK_FULL when less than 2 GiB are free where this folder lies. */
export function requireDiskSpace(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = statfsSync(folder);
    const free = (bavail * bsize) / GIB;
    if (free < LEAST_FREE_GIB) throw diskFull(folder, `only ${free.toFixed(1)} GiB are free`);
  } catch (failure) {
    throw isNoSpace(failure) ? diskFull(folder, 'no space is left') : failure;
  }
}

export function isNoSpace(failure: unknown): boolean {
  return failure instanceof Error && (('code' in failure && failure.code === 'ENOSPC') || /ENOSPC|No space left/i.test(failure.message));
}

export function diskFull(folder: string, what: string): Error {
  return groundFault('DISK_FULL', `The disk of ${folder} is full (${what}): free at least ${LEAST_FREE_GIB} GiB there, then start again.`);
}
