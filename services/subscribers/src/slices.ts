/** Milliseconds of computing after which the event loop gets a turn: a small register's call waits at most this long behind a city's import. */
const SLICE_MS = 10;

/** Bulk work that waits for its next slice, first come first served. */
const waiting: (() => void)[] = [];
let pumping = false;

/**
 * Cuts long computing into slices: `await slices.breathe()` between items costs nothing until a slice is over. Bulk work (imports) gets one slice a turn of the event
 * loop among all of it, so that forty imports hold up a walk or a preview as little as one does.
 */
export class Slices {
  private started = performance.now();

  constructor(private readonly kind: 'bulk' | 'interactive') {}

  breathe(): Promise<void> | undefined {
    if (performance.now() - this.started < SLICE_MS) return undefined;
    return new Promise((resolve) => {
      const resume = (): void => {
        this.started = performance.now();
        resolve();
      };
      if (this.kind === 'interactive') setImmediate(resume);
      else {
        waiting.push(resume);
        if (!pumping) {
          pumping = true;
          setImmediate(pump);
        }
      }
    });
  }
}

function pump(): void {
  waiting.shift()?.();
  pumping = waiting.length > 0;
  if (pumping) setImmediate(pump);
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
