import type { Cluster } from './kafkajs-internals.js';
import { leaderOf, type FetchPlace } from './fetch-records.js';
import { partitionKey } from './raw-batch.js';

/** ms a reader stays with the copy a leader sent it to, before it asks the leader again (as Kafka's own client does). */
const KEPT = 300_000;
/** ms no copy but a leader is read after one could not be: a dead broker is found in 6 s, and its leader would send readers back to it until then. */
const LEADERS_ONLY = 10_000;

/**
 * Which node each partition is read from: its leader, or the copy in the reader's own rack that the leader named (KIP-392). Whatever goes wrong
 * with a copy, the leader is read again. Time comes as an argument, in monotonic ms.
 */
export class ReadCopies {
  readonly #copies = new Map<string, { readonly node: number; readonly until: number }>();
  #leadersUntil = Number.NEGATIVE_INFINITY;

  constructor(private readonly rack: string) {}

  /** The rack that is told to the leaders now; '' keeps every reader with them. */
  rackAt(now: number): string {
    return now < this.#leadersUntil ? '' : this.rack;
  }

  /** Places by the node to read each from; a partition without a leader is left out until it has one. */
  nodes<P extends FetchPlace>(cluster: Cluster, places: readonly P[], now: number): Map<number, P[]> {
    const groups = new Map<number, P[]>();
    for (const place of places) {
      const copy = this.#copies.get(partitionKey(place.topic, place.partition));
      const leader = leaderOf(cluster, place);
      if (leader === undefined) continue;
      const node = copy !== undefined && now < copy.until ? copy.node : leader;
      const group = groups.get(node) ?? [];
      group.push(place);
      groups.set(node, group);
    }
    return groups;
  }

  /** A leader says where this partition is to be read. */
  sentTo(node: number, topic: string, partition: number, now: number): void {
    this.#copies.set(partitionKey(topic, partition), { node, until: now + KEPT });
  }

  /** A read from this node failed; answers whether a copy was read there, so that what the failure says holds for that copy alone. */
  failed(node: number, now: number): boolean {
    const left = [...this.#copies].filter(([, copy]) => copy.node === node).map(([key]) => key);
    for (const key of left) this.#copies.delete(key);
    if (left.length > 0) this.#leadersUntil = now + LEADERS_ONLY;
    return left.length > 0;
  }
}
