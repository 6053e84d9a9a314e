import { describe, expect, it } from 'vitest';
import { sitesStatus } from './site-status.js';

const racks = new Map([
  [1, 'A'],
  [2, 'B'],
  [3, 'W'],
]);
const partition = (leader: number, inSyncOn: readonly number[], copiesOn: readonly number[] = [1, 2, 3]) => ({
  topic: 't',
  partition: 0,
  leader,
  copies: copiesOn.length,
  inSync: inSyncOn.length,
  copiesOn,
  inSyncOn,
});
const mayGo = (...partitions: ReturnType<typeof partition>[]) =>
  Object.fromEntries(sitesStatus({ nodes: 3, racks, partitions }).sites.map(({ site, mayGo: may }) => [site, may]));

describe('whether a site may go', () => {
  it('is yes for each of three while all copies are in sync', () => {
    expect(mayGo(partition(1, [1, 2, 3]), partition(2, [3, 1, 2]))).toEqual({ A: true, B: true, W: true });
  });

  it('is yes only for the one whose copy is missing anyway', () => {
    expect(mayGo(partition(1, [1, 2, 3]), partition(2, [2, 3]))).toEqual({ A: true, B: false, W: false });
  });

  it('is no where a partition has its only copy', () => {
    expect(mayGo(partition(2, [2], [2]))).toEqual({ A: true, B: false, W: true });
  });

  it('counts what lacks a copy and what takes no record', () => {
    const status = sitesStatus({ nodes: 3, racks, partitions: [partition(1, [1, 2, 3]), partition(1, [1, 3]), partition(-1, [2])] });
    expect(status).toMatchObject({ partitions: 3, missingCopies: 2, unwritable: 1 });
    expect(status.sites[0]).toMatchObject({ site: 'A', nodes: [1], leads: 2, inSync: 2, needed: 2 });
  });
});
