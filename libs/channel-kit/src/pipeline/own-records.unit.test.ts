import { expect, it } from 'vitest';
import { OwnRecords } from './own-records.js';

it('remembers the latest records it wrote, up to a bound', () => {
  const own = new OwnRecords();
  for (let count = 0; count <= 10_000; count++) own.wrote(`evt_${count}`);
  expect([own.has('evt_0'), own.has('evt_5000'), own.has('evt_10000')]).toEqual([false, true, true]);
});
