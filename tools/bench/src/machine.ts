import { availableParallelism, cpus, totalmem } from 'node:os';

/** What a figure was measured on; without it no figure can be compared. */
export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly memMiB: number;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown',
    node: process.versions.node,
    memMiB: Math.round(totalmem() / 1_048_576),
  };
}
