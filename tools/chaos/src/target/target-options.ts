import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { stackPaths, type StackPaths } from '../../../stack/dist/stack/paths.js';

/** Ports beside those of npm start, the tests and the benchmarks. */
const FIRST_PORT = '29100';

export interface TargetOptions {
  /** A built tree whose services are run; this clone's own by default. */
  readonly tree: string | undefined;
  /** Length of the run, for the size of its small disks. */
  readonly minutes: number;
  readonly say: (line: string) => void;
  readonly broken: (sentence: string) => void;
}

/** Where a run keeps plans and its stack: .tocsin/chaos of this clone, or TOCSIN_STACK_STATE_DIR. */
export function chaosState(): string {
  return process.env['TOCSIN_STACK_STATE_DIR'] ?? join(repositoryRoot(), '.tocsin', 'chaos');
}

/** The programs come from `tree`, the downloads from this clone. */
export function chaosPaths(tree: string | undefined): StackPaths {
  const paths = stackPaths({ ...process.env, TOCSIN_STACK_STATE_DIR: join(chaosState(), 'run') });
  return { ...paths, root: tree ?? paths.root };
}

export function chaosEnv(): NodeJS.ProcessEnv {
  return { TOCSIN_STACK_PORTS_FROM: FIRST_PORT, ...process.env };
}

/** MiB of the small disks: what a run of so many minutes writes, and room for as much again; `copies` of each record lie on each broker's. */
export function diskSizes(minutes: number, copies: number): { readonly broker: number; readonly store: number } {
  return { broker: Math.round((512 + minutes * 100) * copies), store: Math.round(384 + minutes * 50) };
}
