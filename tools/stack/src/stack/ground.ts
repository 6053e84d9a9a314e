import { TocsinError } from '@tocsin/errors';
import { startEmbeddedGround, type ManagedProcess } from '@tocsin/testing';
import { startDockerGround } from './docker-ground.js';
import { joinExternalGround } from './external-ground.js';
import type { StackPaths } from './paths.js';
import { GROUND_OFFSETS } from './port-plan.js';

export const GROUND_KINDS = ['embedded', 'docker', 'external'] as const;
export type GroundKind = (typeof GROUND_KINDS)[number];

/** Kafka and the document store as the services will find them. */
export interface Ground {
  readonly kind: GroundKind;
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  /** Where an administrator reaches Kafka by certificate; only where links are closed. */
  readonly internalBrokers?: readonly string[];
  /** Part of every JSON result. */
  readonly versions: Readonly<Record<string, string>>;
  readonly processes: readonly ManagedProcess[];
  stop(): Promise<void>;
}

export interface GroundOptions {
  readonly paths: StackPaths;
  readonly firstPort: number;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of credentials that closes every link; open where undefined. */
  readonly credentials?: string;
  readonly progress: (line: string) => void;
  readonly onProcess: (started: ManagedProcess) => void;
  readonly signal: AbortSignal;
}

/** TOCSIN_GROUND, "embedded" by default; never guessed from what happens to run. */
export function groundKind(env: NodeJS.ProcessEnv): GroundKind {
  const text = env['TOCSIN_GROUND'] ?? 'embedded';
  const kind = GROUND_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new TocsinError('INVALID_ARGUMENT', 'GROUND_UNKNOWN', `TOCSIN_GROUND is "${text}": set it to ${GROUND_KINDS.join(', ')}.`);
  }
  return kind;
}

export async function startGroundOf(kind: GroundKind, options: GroundOptions): Promise<Ground> {
  switch (kind) {
    case 'embedded': {
      const embedded = await startEmbeddedGround({
        root: options.paths.root,
        dataDir: options.paths.groundData,
        cacheDir: options.paths.cache,
        logDir: options.paths.logs,
        ports: {
          kafka: options.firstPort + GROUND_OFFSETS.kafka,
          controller: options.firstPort + GROUND_OFFSETS.controller,
          store: options.firstPort + GROUND_OFFSETS.store,
          internal: options.firstPort + GROUND_OFFSETS.internal,
        },
        ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
        progress: options.progress,
        onProcess: options.onProcess,
        signal: options.signal,
      });
      return { kind, ...embedded };
    }
    case 'docker':
      return startDockerGround(options);
    case 'external':
      return joinExternalGround(options.env);
  }
}
