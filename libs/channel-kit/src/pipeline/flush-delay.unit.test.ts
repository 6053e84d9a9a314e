import { describe, expect, it } from 'vitest';
import { flushDelayMs } from './flush-delay.js';

describe('how long attempts gather', () => {
  it.each([
    ['a fast channel at full speed', 1, 500, 25],
    ['a faster one', 1, 3_000, 25],
    ['half of its speed', 0.4, 500, 50],
    ['nearly nothing to do', 0.05, 500, 100],
    ['a slower channel at full speed waits until some are worth a request', 1, 200, 50],
    ['a slow one, never longer than where there is nothing to do', 1, 30, 100],
    ['nothing drained yet', 1, 0, 100],
    ['nothing at all', 0, 0, 100],
  ])('%s', (_label, load, perSecond, expected) => {
    expect(flushDelayMs(load, perSecond)).toBe(expected);
  });
});
