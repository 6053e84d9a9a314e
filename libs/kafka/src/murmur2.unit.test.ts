import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './murmur2.js';

const theirs = createRequire(import.meta.url)('kafkajs/src/producer/partitioners/default/murmur2.js') as (key: Buffer) => number;

describe('murmur2', () => {
  it('is the hash of Kafka, for every length modulo four and bytes above 127', () => {
    const keys = [
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'cmp_01KB0T5V06:12',
      'é',
      '\u{1F6A8}x',
      ...Array.from({ length: 300 }, (_, n) => `key-${n * 7919}`),
    ];
    for (const key of keys) expect(murmur2(Buffer.from(key)) | 0).toBe(theirs(Buffer.from(key)));
  });

  it('spreads keys over all partitions and never beyond', () => {
    const hit = new Set(Array.from({ length: 200 }, (_, n) => partitionOf(Buffer.from(`k${n}`), 6)));
    expect([...hit].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
