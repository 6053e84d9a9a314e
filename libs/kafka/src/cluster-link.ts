import type { Logger } from '@tocsin/observability';
import { withDeadline } from './deadline.js';
import { keepsConnection } from './kafka-error.js';
import { createCluster, type Cluster, type ClusterSettings } from './kafkajs-internals.js';

/** ms a request may take before its connection counts as frozen. */
export const REQUEST_DEADLINE = 4_000;
/** ms a close waits for what is in flight. */
const CLOSE_DEADLINE = 1_000;

interface Session {
  readonly cluster: Cluster;
  ready: Promise<void>;
  opened: boolean;
  readonly abandon: () => void;
}

/**
 * A client of the cluster that is thrown away whenever it fails. Measured (tulios/kafkajs#1783): with a frozen broker kafkajs hangs for
 * minutes; racing an own deadline, discarding the client and asking the brokers in another order brings it back in 12-16 s.
 */
export class ClusterLink {
  readonly #settings: ClusterSettings;
  readonly #logger: Logger;
  /** Topics whose metadata is kept. */
  readonly #topics = new Set<string>();
  #session: Session | undefined;
  #closed = false;

  constructor(settings: ClusterSettings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /** As the brokers know this client. */
  get clientId(): string {
    return this.#settings.clientId;
  }

  /** Runs one or more requests within the deadline; on any failure of the connection the next call starts with a new client. */
  async call<T>(what: string, deadlineMs: number, body: (cluster: Cluster) => Promise<T>): Promise<T> {
    if (this.#closed) throw new Error(`${what}: the connection is closed`);
    const session = (this.#session ??= this.#open());
    const outcome = session.ready.then(() => body(session.cluster));
    try {
      return await withDeadline(deadlineMs, what, outcome);
    } catch (error) {
      // What was given up on may still fail, unheard.
      outcome.catch(() => undefined);
      // A client that never opened is of no use whatever the reason: a starting broker may not know its own topics yet.
      if (!session.opened || !keepsConnection(error)) this.#discard(session, what, error);
      throw error;
    }
  }

  /** Makes the metadata of these topics known, asking the cluster when one is new. */
  async watch(cluster: Cluster, topics: Iterable<string>): Promise<void> {
    const added = [...topics].filter((topic) => !this.#topics.has(topic));
    if (added.length === 0) return;
    await cluster.addMultipleTargetTopics(added);
    for (const topic of added) this.#topics.add(topic);
  }

  /** Partition numbers of a topic watched before. */
  partitions(cluster: Cluster, topic: string): number[] {
    return cluster
      .findTopicPartitionMetadata(topic)
      .map((partition) => partition.partitionId)
      .sort((a, b) => a - b);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    await withDeadline(
      CLOSE_DEADLINE,
      'close',
      session.ready.then(() => session.cluster.disconnect()),
    ).catch(() => undefined);
    session.abandon();
  }

  /** Closes at once: what is in flight fails, and nothing is answered any more. */
  abandon(): void {
    this.#closed = true;
    this.#session?.abandon();
    this.#session = undefined;
  }

  #open(): Session {
    const brokers = shuffled(this.#settings.brokers);
    const { cluster, abandon } = createCluster({ ...this.#settings, brokers }, (message) =>
      this.#logger.debug('kafka.client', { message }),
    );
    const session: Session = { cluster, abandon, opened: false, ready: Promise.resolve() };
    session.ready = (async () => {
      await cluster.connect();
      await cluster.addMultipleTargetTopics([...this.#topics]);
      session.opened = true;
    })();
    session.ready.catch(() => undefined);
    return session;
  }

  #discard(session: Session, what: string, error: unknown): void {
    if (this.#session === session) this.#session = undefined;
    if (!this.#closed) this.#logger.warn('kafka.client.discarded', { what, error: error instanceof Error ? error.message : String(error) });
    session.abandon();
  }
}

function shuffled(brokers: readonly string[]): string[] {
  return brokers
    .map((broker) => ({ broker, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ broker }) => broker);
}
