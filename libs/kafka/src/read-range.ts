import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import { backoff, delay } from './deadline.js';
import { fetchFrom, leaderOf } from './fetch-records.js';
import { kafkaErrorType, unavailable } from './kafka-error.js';
import { EARLIEST, listOffsets } from './list-offsets.js';
import { partitionKey, type RawBatch } from './raw-batch.js';

/** ms the broker waits for a record that should be there already. */
const FETCH_WAIT = 100;

/** Reads one partition from an offset up to, not including, another; topic with prefix. Rejects UNAVAILABLE at the deadline, in monotonic ms. */
export async function readRange(
  link: ClusterLink,
  place: { readonly topic: string; readonly partition: number },
  from: number,
  until: number,
  onBatch: (batch: RawBatch) => Promise<void>,
  deadline: number,
): Promise<void> {
  let position = from;
  for (let failures = 0; position < until;) {
    try {
      const batch = await fetchOne(link, place, position);
      failures = 0;
      const records = (batch?.records ?? []).filter((record) => record.offset < until);
      const last = batch?.records.at(-1);
      if (batch && records.length > 0) await onBatch({ ...batch, records });
      // Nothing more lies before the end: compaction has taken the rest.
      if (!last && batch && batch.highWatermark >= until) return;
      if (last) position = last.offset + 1;
    } catch (error) {
      if (performance.now() > deadline) throw unavailable(`records of ${place.topic}/${place.partition} were not read`, error);
      if (kafkaErrorType(error) === 'OFFSET_OUT_OF_RANGE') {
        const low = (await listOffsets(link, [place], EARLIEST)).get(partitionKey(place.topic, place.partition)) ?? position;
        if (low <= position) return;
        position = low;
        continue;
      }
      if (!(error instanceof Error) || error.name === 'TocsinError') throw error;
      await delay(backoff(failures++, 50, 1_000));
    }
    if (performance.now() > deadline) throw unavailable(`records of ${place.topic}/${place.partition} were not read in time`, undefined);
  }
}

async function fetchOne(
  link: ClusterLink,
  place: { readonly topic: string; readonly partition: number },
  position: number,
): Promise<RawBatch | undefined> {
  const at = { ...place, position };
  const node = await link.call('find leader', REQUEST_DEADLINE, async (cluster) => {
    await link.watch(cluster, [place.topic]);
    const leader = leaderOf(cluster, at);
    if (leader === undefined) throw new Error('the partition has no leader');
    return leader;
  });
  return (await fetchFrom(link, node, [at], FETCH_WAIT)).find((batch) => batch.partition === place.partition);
}
