import { describe, expect, it } from 'vitest';
import { PROGRESS_LIMIT, ProgressWatch } from './progress-watch.js';

interface Second {
  readonly pending: boolean;
  readonly progress: number;
}

/** Looks once a second at what the row says and answers the second at which the watch called it stuck. */
function stuckAt(seconds: readonly Second[]): number | undefined {
  let now: Second = seconds[0] ?? { pending: false, progress: 0 };
  const watch = new ProgressWatch(0);
  watch.add('work', { pending: () => now.pending, progress: () => now.progress }, 0);
  for (const [index, second] of seconds.entries()) {
    now = second;
    if (watch.stuck(index * 1_000).length > 0) return index;
  }
  return undefined;
}

const repeat = (count: number, second: (n: number) => Second): Second[] => Array.from({ length: count }, (_, n) => second(n));

describe('ProgressWatch', () => {
  const rows = [
    ['work pending and nothing moves', repeat(40, () => ({ pending: true, progress: 1 })), PROGRESS_LIMIT / 1_000],
    ['work pending and moving', repeat(40, (n) => ({ pending: true, progress: n })), undefined],
    ['moving every 14 s', repeat(60, (n) => ({ pending: true, progress: Math.floor(n / 14) })), undefined],
    ['nothing pending', repeat(40, () => ({ pending: false, progress: 1 })), undefined],
    ['pending only from second 20', repeat(60, (n) => ({ pending: n >= 20, progress: 1 })), 34],
  ] as const;
  it.each(rows)('%s', (_what, seconds, expected) => {
    expect(stuckAt(seconds)).toBe(expected);
  });

  it('does not count the time in which this process itself was stopped', () => {
    const watch = new ProgressWatch(0);
    watch.add('work', { pending: () => true, progress: () => 1 }, 0);
    expect(watch.stuck(1_000)).toEqual([]);
    expect(watch.stuck(61_000)).toEqual([]);
    expect(Array.from({ length: 15 }, (_, n) => watch.stuck(62_000 + n * 1_000)).at(-1)).toEqual(['work']);
  });
});
