import { isReady, readUsage, waitUntil } from '@tocsin/testing';
import type { StackPaths } from './paths.js';
import { readLockHolder } from './stack-lock.js';
import { isAlive } from './stack-lock.js';
import { readStackState } from './state-file.js';

/** A drain takes each step up to 12 s; all of them together stay below this. */
const STOP_DEADLINE_MS = 120_000;

/** Prints what runs from this clone; false when nothing does. */
export async function printStatus(paths: StackPaths, print: (line: string) => void): Promise<boolean> {
  const holder = readLockHolder(paths.lockFile);
  const state = readStackState(paths.stateFile);
  if (holder === undefined || state === undefined) {
    print('Tocsin does not run from this clone.');
    return false;
  }
  print(`supervisor ${holder.pid}, up since ${new Date(state.startedAt).toISOString()}`);
  for (const mark of state.processes) {
    const usage = isAlive(mark) ? readUsage(mark.pid) : undefined;
    const ready = mark.httpPort === undefined ? '' : (await isReady(mark.httpPort)) ? 'ready' : 'not ready';
    const figures = usage === undefined ? 'ended' : `peak ${usage.peakRssMiB.toFixed(0)} MiB, CPU ${usage.cpuSeconds.toFixed(1)} s`;
    print(`${mark.name.padEnd(18)} ${String(mark.pid).padStart(8)}  ${ready.padEnd(9)} ${figures}`);
  }
  return true;
}

/** Asks the supervisor that runs from this clone to drain, and waits for its end; false when there was none. */
export async function stopRunning(paths: StackPaths): Promise<boolean> {
  const holder = readLockHolder(paths.lockFile);
  if (holder === undefined) return false;
  process.kill(holder.pid, 'SIGTERM');
  await waitUntil('the end of the supervisor', () => !isAlive(holder), STOP_DEADLINE_MS);
  return true;
}
