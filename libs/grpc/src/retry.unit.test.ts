import { describe, expect, it } from 'vitest';
import { TocsinError, type ErrorCode } from '@tocsin/errors';
import { pauseBeforeRetry } from './retry.js';

const error = (code: ErrorCode, retryAfterMs?: number) =>
  new TocsinError(code, 'X', 'x', retryAfterMs === undefined ? {} : { retryAfterMs });

describe('pause before a retry', () => {
  const rows: readonly [label: string, given: Parameters<typeof pauseBeforeRetry>, pause: number | undefined][] = [
    ['an instance that is away is tried again soon', [error('UNAVAILABLE'), 1, 5_000, 0], 25],
    ['at random up to twice as late', [error('UNAVAILABLE'), 1, 5_000, 1], 50],
    ['the pauses double', [error('UNAVAILABLE'), 3, 5_000, 0], 100],
    ['up to a second', [error('UNAVAILABLE'), 30, 5_000, 1], 1_000],
    ['until the deadline', [error('UNAVAILABLE'), 30, 400, 0], undefined],
    ['a lost guard is tried again', [error('ABORTED'), 3, 5_000, 0], 100],
    ['but not for ever', [error('ABORTED'), 4, 5_000, 0], undefined],
    ['shed load says itself when', [error('RESOURCE_EXHAUSTED', 1_500), 1, 5_000, 0], 1_500],
    [
      'never sooner, and those shed together come back up to half as long later, each at its own time',
      [error('RESOURCE_EXHAUSTED', 200), 1, 5_000, 1],
      300,
    ],
    ['and is given up when that is past the deadline', [error('RESOURCE_EXHAUSTED', 1_500), 1, 1_000, 0], undefined],
    ['a wrong request stays wrong', [error('INVALID_ARGUMENT'), 1, 5_000, 0], undefined],
    ['a defect is not hidden by repeating it', [error('INTERNAL'), 1, 5_000, 0], undefined],
    ['nor is one of our own', [new TypeError('x'), 1, 5_000, 0], undefined],
  ];
  it.each(rows)('%s', (_label, given, pause) => expect(pauseBeforeRetry(...given)).toBe(pause));
});
