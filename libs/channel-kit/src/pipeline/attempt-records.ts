import { LEDGER_PARTITIONS, RECORDS_APART, record, type EnvelopeMeta, type OutgoingRecord } from '@tocsin/contracts';
import type { AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { type Lane, Status } from '@tocsin/contracts/common/v1/common';
import { partitionOf } from '@tocsin/kafka';

/** Attempts of one bundle at most, some 200 bytes each: a record takes 900,000. */
const MAX_ATTEMPTS = 1_000;

/** The attempts of one slice in a flush, and what their record's envelope says. */
export interface SliceRecord {
  /** "<campaign>:<slice>". */
  readonly key: string;
  readonly value: AttemptRecord;
  readonly meta: EnvelopeMeta & { readonly lane: Lane; readonly status: Status };
}

interface Group {
  readonly partition: number;
  readonly slices: SliceRecord[];
  attempts: number;
}

/** What a flush writes: a record a slice, or one for each partition of the ledger when there are more than `apart`; where one lies is the same either way. */
export function attemptRecords(topic: string, slices: readonly SliceRecord[], apart = RECORDS_APART): OutgoingRecord[] {
  if (slices.length <= apart) return slices.map((one) => single(topic, one));
  const groups: Group[] = [];
  const open: Group[] = [];
  for (const one of slices) {
    const partition = partitionOf(Buffer.from(one.key), LEDGER_PARTITIONS);
    const attempts = one.value.attempts.length;
    const known = open[partition];
    if (known && known.attempts + attempts <= MAX_ATTEMPTS) {
      known.slices.push(one);
      known.attempts += attempts;
    } else groups.push((open[partition] = { partition, slices: [one], attempts }));
  }
  return groups.map(({ partition, slices: group }) => {
    const [first, ...others] = group;
    if (!first) throw new Error('a group holds a slice');
    return others.length === 0 ? single(topic, first) : bundle(topic, first, group, partition);
  });
}

function single(topic: string, { key, value, meta }: SliceRecord): OutgoingRecord {
  return record(topic, key, 'tocsin.deliveries.v1.AttemptRecord', value, meta);
}

function bundle(topic: string, { key, meta }: SliceRecord, group: readonly SliceRecord[], partition: number): OutgoingRecord {
  // As urgent as the most urgent of them; it belongs to the trace of the flush, which is linked to each campaign's.
  const lane = Math.min(...group.map((one) => one.meta.lane)) as Lane;
  const status = group.every((one) => one.meta.status === meta.status) ? meta.status : Status.UNSPECIFIED;
  const bundled = { tenantId: '', occurredAt: meta.occurredAt, lane, status };
  const value = { records: group.map((one) => one.value) };
  return record(topic, key, 'tocsin.deliveries.v1.AttemptBundle', value, bundled, partition);
}
