import type { KafkaConnection } from '@tocsin/kafka';
import type { Logger, Metrics } from '@tocsin/observability';
import { copiesState } from './copies-state.js';
import type { CopiesGuard } from './copies-guard.js';

/** Ms between two looks; each is one request of a millisecond. */
const LOOK_MS = 5_000;

export interface WatchParts {
  readonly kafka: Pick<KafkaConnection, 'copies'>;
  readonly guard: CopiesGuard;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Keeps the guard informed, tells the figures, and answers what ends it. */
export function watchCopies({ kafka, guard, logger, metrics, now }: WatchParts): () => void {
  metrics.gauge({ name: 'kafka_partitions_missing_copies', help: 'Partitions of which a copy is not in sync.' }, () => guard.found.thin);
  metrics.gauge(
    {
      name: 'kafka_partitions_unwritable',
      help: 'Partitions that take no record: no leader, or fewer copies in sync than an acknowledgement needs.',
    },
    () => guard.found.short,
  );
  metrics.gauge(
    { name: 'gateway_admission_by_copies', help: '0: all is taken on; 1: no imports; 2: no releases but of life safety.' },
    () => ['whole', 'thin', 'short'].indexOf(guard.heldTo(now())),
  );
  let looking = false;
  let told = guard.heldTo(now());
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      guard.saw(copiesState((await kafka.copies()).partitions), now());
    } catch {
      guard.sawNothing(now());
    } finally {
      looking = false;
    }
    const state = guard.heldTo(now());
    if (state !== told) logger.warn('gateway.copies', { held: state, thin: guard.found.thin, short: guard.found.short });
    told = state;
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}
