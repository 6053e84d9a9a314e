import type { TopicPartitionOffset } from '@tocsin/kafka';

/** One grant record and how many of its items have no acknowledged attempt yet. */
export interface RecordPlace {
  readonly offset: number;
  open: number;
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly places: RecordPlace[];
  /** First place not yet committed, index in places. */
  head: number;
  committable: number;
  committed: number;
}

/** Places behind head are dropped in one go, not one by one. */
const COMPACT_AT = 1_024;

/** Knows the offset up to which every item of every record is recorded: only that much of a partition may be committed. */
export class OffsetTracker {
  readonly #partitions = new Map<string, Partition>();

  /** Records must come in order within a partition. */
  open(topic: string, partition: number, offset: number, items: number): RecordPlace {
    const key = `${topic}/${partition}`;
    let entry = this.#partitions.get(key);
    if (!entry) {
      entry = { topic, partition, places: [], head: 0, committable: -1, committed: -1 };
      this.#partitions.set(key, entry);
    }
    const place: RecordPlace = { offset, open: items };
    entry.places.push(place);
    return place;
  }

  settle(place: RecordPlace): void {
    place.open -= 1;
  }

  /** What may be committed beyond the last call; next offsets to read. */
  takeCommittable(): TopicPartitionOffset[] {
    const offsets: TopicPartitionOffset[] = [];
    for (const entry of this.#partitions.values()) {
      for (let place = entry.places[entry.head]; place && place.open <= 0; place = entry.places[entry.head]) {
        entry.committable = place.offset + 1;
        entry.head += 1;
      }
      if (entry.head >= COMPACT_AT) {
        entry.places.splice(0, entry.head);
        entry.head = 0;
      }
      if (entry.committable > entry.committed) {
        entry.committed = entry.committable;
        offsets.push({ topic: entry.topic, partition: entry.partition, offset: entry.committable });
      }
    }
    return offsets;
  }

  /** Forgets everything: after a re-join what was not committed is read again. */
  clear(): void {
    this.#partitions.clear();
  }
}
