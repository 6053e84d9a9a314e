import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of computing after which the event loop gets a turn: a small register's call waits at most this long behind a city's import. */
const SLICE_MS = 10;

/** Cuts long computing into slices: `await slices.breathe()` between items costs nothing until a slice is over. */
export class Slices {
  private started = performance.now();

  breathe(): Promise<void> | undefined {
    if (performance.now() - this.started < SLICE_MS) return undefined;
    return nextTurn().then(() => {
      this.started = performance.now();
    });
  }
}

/** Runs works side by side, at most `width` at once; the first failure stops new ones and is thrown. */
export async function sideBySide<T>(items: readonly T[], width: number, work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}
