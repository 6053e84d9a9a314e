import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessMark } from './stack-lock.js';

export interface RecordedProcess extends ProcessMark {
  readonly name: string;
  readonly httpPort: number | undefined;
}

/** What a stack has started, rewritten at every start of a process so that the next start knows what a killed one left behind. */
export interface StackState {
  readonly startedAt: number;
  readonly processes: readonly RecordedProcess[];
}

export function writeStackState(file: string, state: StackState): void {
  const staged = `${file}.${process.pid}`;
  writeFileSync(staged, JSON.stringify(state, null, 1));
  renameSync(staged, file);
}

export function readStackState(file: string): StackState | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackState;
  } catch {
    return undefined;
  }
}

/** Ends the process groups a killed supervisor recorded and left running, and none else; answers their names. */
export function endLeftovers(file: string): readonly string[] {
  const left = (readStackState(file)?.processes ?? []).filter(isAlive);
  for (const mark of left) {
    try {
      process.kill(-mark.pid, 'SIGKILL');
    } catch {
      // It ended between the look and the signal.
    }
  }
  return left.map((mark) => mark.name);
}
