import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { stackPaths, type StackPaths } from '../../../stack/dist/stack/paths.js';

/** Ports beside those of npm start, so that a stack of the clone may stay up (though not at work). */
export const BENCH_FIRST_PORT = '28100';

/** `benchState` holds what is kept between runs; `paths` are those of the run's own stack, below it. */
export function benchPaths(): { readonly benchState: string; readonly paths: StackPaths } {
  const benchState = process.env['TOCSIN_STACK_STATE_DIR'] ?? join(repositoryRoot(), '.tocsin', 'bench');
  return { benchState, paths: stackPaths({ ...process.env, TOCSIN_STACK_STATE_DIR: join(benchState, 'run') }) };
}
