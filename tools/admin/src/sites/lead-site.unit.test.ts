import { describe, expect, it } from 'vitest';
import { leadingOrder } from './lead-site.js';

const racks = new Map([
  [1, 'A'],
  [2, 'B'],
  [3, 'W'],
]);
const partition = (inSyncOn: readonly number[]) => ({
  topic: 't',
  partition: 0,
  leader: 1,
  copies: 3,
  inSync: inSyncOn.length,
  copiesOn: [1, 2, 3],
  inSyncOn,
});

describe('the order in which sites lead', () => {
  it('has the site that was asked for first', () => {
    expect(leadingOrder({ racks, partitions: [partition([3, 2, 1])] }, 'B')).toEqual({ order: ['B', 'A', 'W'], nodes: [2, 1, 3] });
  });

  it('is not made while a copy is missing, for a site that is away, or where a site has several brokers', () => {
    const reason = (from: Parameters<typeof leadingOrder>[0], site: string) => {
      try {
        return leadingOrder(from, site);
      } catch (error) {
        return (error as { reason: string }).reason;
      }
    };
    expect(reason({ racks, partitions: [partition([1, 2])] }, 'A')).toBe('COPIES_MISSING');
    expect(reason({ racks, partitions: [] }, 'C')).toBe('SITE_AWAY');
    expect(reason({ racks: new Map([...racks, [4, 'A']]), partitions: [] }, 'A')).toBe('SEVERAL_BROKERS');
  });
});
