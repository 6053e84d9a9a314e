import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessMark } from './stack-lock.js';
import type { ProcessEnd } from './supervised-process.js';

export interface RecordedProcess extends ProcessMark {
  readonly name: string;
  /** Where it is asked how it is, as tools of the stack reach it; undefined of the ground. */
  readonly http?: string | undefined;
  /** Site it stands at; "here" where there is one place. */
  readonly place?: string | undefined;
  readonly httpPort: number | undefined;
  /** Its latest ends that nobody asked for, oldest first. */
  readonly ends?: readonly ProcessEnd[];
}

/** What a stack has started, rewritten at every start of a process so that the next start knows what a killed one left behind. */
export interface StackState {
  readonly startedAt: number;
  /** Settings (TOCSIN_...) with which a tool finds Kafka and the store of this stack. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Words before the command of such a tool where it has to run in a network of its own. */
  readonly toolsPrefix?: readonly string[];
  readonly processes: readonly RecordedProcess[];
}

export function writeStackState(file: string, state: StackState): void {
  const staged = `${file}.${process.pid}`;
  // An address of a store may hold a password.
  writeFileSync(staged, JSON.stringify(state, null, 1), { mode: 0o600 });
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
