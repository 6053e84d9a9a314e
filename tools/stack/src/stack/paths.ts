import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';

/** Where a stack keeps what it writes; all below .tocsin of the clone unless TOCSIN_STACK_STATE_DIR says otherwise. */
export interface StackPaths {
  readonly root: string;
  readonly state: string;
  readonly cache: string;
  readonly groundData: string;
  readonly logs: string;
  readonly traces: string;
  readonly ledgers: string;
  readonly keyFile: string;
  readonly lockFile: string;
  readonly stateFile: string;
}

export function stackPaths(env: NodeJS.ProcessEnv): StackPaths {
  const root = repositoryRoot();
  const state = env['TOCSIN_STACK_STATE_DIR'] ?? join(root, '.tocsin');
  return {
    root,
    state,
    cache: join(root, '.tocsin', 'cache'),
    groundData: join(state, 'ground'),
    logs: join(state, 'logs'),
    traces: join(state, 'traces'),
    ledgers: join(state, 'ledgers'),
    keyFile: join(state, 'platform.key'),
    lockFile: join(state, 'stack.lock'),
    stateFile: join(state, 'stack.json'),
  };
}

/** As stackPaths; a stretched stack keeps records of its own, in a folder beside the others. */
export function sitesPaths(env: NodeJS.ProcessEnv): StackPaths {
  return stackPaths({ TOCSIN_STACK_STATE_DIR: join(repositoryRoot(), '.tocsin', 'sites'), ...env });
}
