import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { readStartTicks } from '@tocsin/testing';

/** A process named for good: a pid is given out again, a pid with its start time is not. */
export interface ProcessMark {
  readonly pid: number;
  /** Ticks since boot. */
  readonly startTicks: number;
}

/**
 * Takes the lock of a state folder for this process; a lock whose process has gone is stale and taken over. Throws STACK_RUNS when
 * another start holds it. Answers what gives it back.
 */
export function takeStackLock(lockFile: string): () => void {
  mkdirSync(dirname(lockFile), { recursive: true });
  const own = `${lockFile}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, startTicks: readStartTicks(process.pid) ?? 0 }));
  try {
    claim(lockFile, own);
  } finally {
    rmSync(own, { force: true });
  }
  return () => rmSync(lockFile, { force: true });
}

/** Who holds the lock and lives; undefined when nobody does. */
export function readLockHolder(lockFile: string): ProcessMark | undefined {
  try {
    const mark = JSON.parse(readFileSync(lockFile, 'utf8')) as ProcessMark;
    return isAlive(mark) ? mark : undefined;
  } catch {
    return undefined;
  }
}

export function isAlive(mark: ProcessMark): boolean {
  return readStartTicks(mark.pid) === mark.startTicks;
}

/** The hard link is the one atomic step: it fails when the name is taken. */
function claim(lockFile: string, own: string): void {
  if (tryLink(own, lockFile)) return;
  const holder = readLockHolder(lockFile);
  if (holder !== undefined) throw alreadyRuns(holder.pid);
  // Two starts may find the same stale lock: each renames it to its own name, and the rename of a name that has gone fails.
  renameSync(lockFile, `${own}.stale`);
  rmSync(`${own}.stale`, { force: true });
  if (!tryLink(own, lockFile)) throw alreadyRuns(readLockHolder(lockFile)?.pid);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'EEXIST') return false;
    throw failure;
  }
}

function alreadyRuns(pid: number | undefined): TocsinError {
  return new TocsinError(
    'FAILED_PRECONDITION',
    'STACK_RUNS',
    `Tocsin already runs from this clone (process ${pid ?? 'unknown'}): use it, or stop it with Ctrl-C there or npm run stack -- --stop.`,
  );
}
