import { describe, expect, it } from 'vitest';
import { restMs } from './store-share.js';

describe('the rest after a command', () => {
  it.each([
    { says: 'as long as the part asks', took: 2, share: 0.05, expected: 38 },
    { says: 'nothing at the whole', took: 5, share: 1, expected: 0 },
    { says: 'a second at most', took: 500, share: 0.01, expected: 1_000 },
  ])('is $says', ({ took, share, expected }) => {
    expect(restMs(took, share)).toBeCloseTo(expected);
  });
});
