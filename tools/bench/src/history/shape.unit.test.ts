import { describe, expect, it } from 'vitest';
import { shapeDifference, shapeOf } from './shape.js';

describe('two documents', () => {
  const stored = { _id: 'a', v: 3, columns: [{ channel: 'sms', rank: Buffer.from([1]) }], words: ['x'], plan: null };
  const rows = [
    { says: 'are alike whatever their values', other: { ...stored, _id: 'b', words: [] }, expected: '' },
    { says: 'differ by a field that only one has', other: { ...stored, trimmed: Buffer.alloc(0) }, expected: '.trimmed' },
    { says: 'differ by the kind of a field', other: { ...stored, v: '3' }, expected: '.v' },
    { says: 'differ inside of a list', other: { ...stored, columns: [{ channel: 'sms', rank: [1] }] }, expected: '.columns[].rank' },
  ];
  it.each(rows)('$says', ({ other, expected }) => {
    expect(shapeDifference(shapeOf(stored), shapeOf(other))).toBe(expected);
  });
});
