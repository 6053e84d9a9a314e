import { describe, expect, it } from 'vitest';
import { usedBetween } from './cpu.js';

describe('what was used', () => {
  it('counts a process that started in between from nothing', () => {
    expect(
      usedBetween(
        new Map([['a', 1]]),
        new Map([
          ['a', 3],
          ['b', 2],
        ]),
      ),
    ).toEqual(
      new Map([
        ['a', 2],
        ['b', 2],
      ]),
    );
  });
});
