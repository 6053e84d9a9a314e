import { attemptsTopic, grantedTopics, LEDGER_PARTITIONS, TOPICS } from '@tocsin/contracts';
import { partitionOf } from '@tocsin/kafka';
import { plainDocument, type RawDocument, rawDocument } from '@tocsin/mongo';
import { shiftSlice } from '../../../../services/deliveries/dist/core/shift-slice.js';
import type { SliceDocument } from '../../../../services/deliveries/dist/core/slice-document.js';
import type { Checkpoint } from '../../../../services/routing/dist/scheduler/checkpoint-store.js';
import { shiftCheckpoint } from '../../../../services/routing/dist/scheduler/shift-checkpoint.js';
import { type CopiedPartition, type Beginning } from './pieces.js';

/** Where each partition of the copy begins. */
export type Bases = (topic: string, partition: number) => number;

export function basesOf(partitions: readonly CopiedPartition[]): Bases {
  const bases = new Map(partitions.map(({ topic, partition, base }) => [`${topic}/${partition}`, base]));
  return (topic, partition) => bases.get(`${topic}/${partition}`) ?? 0;
}

/** The document with the offsets it holds moved to where the same records lie in a restored Kafka; others as they are. */
export function shiftDocument(database: string, collection: string, raw: RawDocument, base: Bases, { channels }: Beginning): RawDocument {
  switch (`${database}/${collection}`) {
    case 'deliveries/slices': {
      const document = plainDocument<SliceDocument>(raw);
      const partition = partitionOf(Buffer.from(document._id), LEDGER_PARTITIONS);
      return rawDocument(shiftSlice(document, (topic) => base(topic, partition)));
    }
    case 'routing/checkpoints': {
      const checkpoint = plainDocument<Checkpoint>(raw);
      const channel = checkpoint._id;
      const own = partitionOf(Buffer.from(channel), TOPICS.plans.partitions);
      const shares = channels.find((one) => one.channel === channel)?.shares ?? 0;
      const range = (length: number): number[] => Array.from({ length }, (_, at) => at);
      return rawDocument(
        shiftCheckpoint(checkpoint, {
          plans: base(TOPICS.plans.name, own),
          due: base(TOPICS.due.name, own),
          attempts: range(LEDGER_PARTITIONS).map((partition) => base(attemptsTopic(channel), partition)),
          granted: grantedTopics(channel).map((topic) => range(shares).map((share) => base(topic, share))),
        }),
      );
    }
    default:
      return raw;
  }
}
