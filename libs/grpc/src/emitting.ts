/** Thrown inside a producer whose reader went away. */
class ReaderGone extends Error {}

interface Offer<T> {
  readonly item: T;
  taken(): void;
  refuse(error: Error): void;
}

/**
 * Turns a function that emits into a stream, one item at a time (emit resolves when the reader asks for the next): so a whole stream can run
 * inside one span. The signal aborts when the reader goes away.
 */
export async function* emitting<T>(
  run: (emit: (item: T) => Promise<void>, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T, void, undefined> {
  const gone = new AbortController();
  let offer: Offer<T> | undefined;
  let ended: { readonly error?: unknown } | undefined;
  let wake = (): void => undefined;
  const emit = (item: T): Promise<void> =>
    new Promise((taken, refuse) => {
      if (gone.signal.aborted) {
        refuse(new ReaderGone());
        return;
      }
      offer = { item, taken, refuse };
      wake();
    });
  void run(emit, gone.signal).then(
    () => {
      ended = {};
      wake();
    },
    (error: unknown) => {
      ended = { error };
      wake();
    },
  );
  let shown: Offer<T> | undefined;
  try {
    for (;;) {
      if (!offer && !ended) await new Promise<void>((resolve) => (wake = resolve));
      if (offer) {
        shown = offer;
        offer = undefined;
        yield shown.item;
        shown.taken();
        shown = undefined;
      } else if (ended) {
        if ('error' in ended) throw ended.error;
        return;
      }
    }
  } finally {
    gone.abort();
    shown?.refuse(new ReaderGone());
    (offer as Offer<T> | undefined)?.refuse(new ReaderGone());
  }
}
