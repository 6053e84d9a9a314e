import { describe, expect, it } from 'vitest';
import {
  LEDGER_PARTITIONS,
  RECORDS_APART,
  attemptRecordsOf,
  recordsApart,
  sliceKey,
  unpackEnvelope,
  type OutgoingRecord,
} from '@tocsin/contracts';
import { AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { partitionOf } from '@tocsin/kafka';
import { attemptRecords, type SliceRecord } from './attempt-records.js';

function slices(count: number, attempts = 1): SliceRecord[] {
  return Array.from({ length: count }, (_, slice) => {
    const rows = Array.from({ length: attempts }, (__, index) => ({ index, n: 1, tag: slice }));
    const value = AttemptRecord.fromPartial({ campaignId: 'cmp_A', tenantId: `ten_${slice}`, slice, channel: 'any', attempts: rows });
    const meta = { tenantId: `ten_${slice}`, occurredAt: 5, lane: Lane.BULK, status: Status.ACTUAL, traceparent: `00-${slice}` };
    return { key: sliceKey('cmp_A', slice), value, meta };
  });
}

const told = ({ envelope }: OutgoingRecord): readonly AttemptRecord[] => (envelope ? attemptRecordsOf(unpackEnvelope(envelope)) : []);
const placed = ({ key, partition }: OutgoingRecord): number => partition ?? partitionOf(Buffer.from(key), LEDGER_PARTITIONS);

describe('the records of a flush', () => {
  it('few slices: one each, in the trace of its campaign', () => {
    const records = attemptRecords('t', slices(RECORDS_APART));
    expect(records.map(({ key, envelope }) => [key, envelope?.traceparent])).toEqual(
      slices(RECORDS_APART).map(({ key, meta }) => [key, meta.traceparent]),
    );
  });

  it('in the form of release 0.1 each slice has its own, however many', () => {
    const types = attemptRecords('t', slices(60), recordsApart('0.1')).map(({ envelope }) => envelope?.type);
    expect(types).toEqual(slices(60).map(() => 'tocsin.deliveries.v1.AttemptRecord'));
  });

  it('many slices: one a partition of the ledger at most, each attempt once and where its slice belongs', () => {
    const all = slices(60, 3);
    const records = attemptRecords('t', all);
    expect(records.length).toBeLessThanOrEqual(LEDGER_PARTITIONS);
    const found = records.flatMap((one) => told(one).map((value) => [placed(one), value] as const));
    const bySlice = (a: readonly [number, AttemptRecord], b: readonly [number, AttemptRecord]): number => a[1].slice - b[1].slice;
    expect(found.sort(bySlice)).toEqual(all.map(({ key, value }) => [partitionOf(Buffer.from(key), LEDGER_PARTITIONS), value]));
  });

  it('is as urgent as the most urgent attempt in it', () => {
    const all = slices(60);
    const [first, ...others] = all;
    if (!first) throw new Error('there is one');
    const records = attemptRecords('t', [{ ...first, meta: { ...first.meta, lane: Lane.LIFE_SAFETY } }, ...others]);
    expect(
      records.filter(({ envelope }) => envelope?.lane === Lane.LIFE_SAFETY).map((one) => told(one).some(({ slice }) => slice === 0)),
    ).toEqual([true]);
  });

  it('holds no more than a record bears, and no slice twice', () => {
    const records = attemptRecords('t', slices(60, 250));
    for (const one of records) {
      const inside = told(one);
      expect(inside.reduce((sum, { attempts }) => sum + attempts.length, 0)).toBeLessThanOrEqual(1_000);
      expect(new Set(inside.map(({ slice }) => slice)).size).toBe(inside.length);
    }
  });
});
