import { describe, expect, it } from 'vitest';
import { fairOrder } from './fair-order.js';

describe('the order of writes', () => {
  const rows: { says: string; given: [string, number][]; expected: [string, number][] }[] = [
    { says: 'oldest first within a campaign', given: [['a', 3], ['a', 1], ['a', 2]], expected: [['a', 1], ['a', 2], ['a', 3]] }, // prettier-ignore
    { says: 'campaigns in turn, the oldest of them first', given: [['city', 1], ['city', 2], ['city', 3], ['village', 9]], expected: [['city', 1], ['village', 9], ['city', 2], ['city', 3]] }, // prettier-ignore
    { says: 'nothing stays nothing', given: [], expected: [] },
  ];
  it.each(rows)('$says', ({ given, expected }) => {
    const order = fairOrder(given.map(([campaignId, since]) => ({ campaignId, since })));
    expect(order.map(({ campaignId, since }) => [campaignId, since])).toEqual(expected);
  });
});
