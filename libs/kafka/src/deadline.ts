/** A wait that took longer than its deadline. */
export class DeadlineError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took longer than ${ms} ms`);
    this.name = 'DeadlineError';
  }
}

/** The promise's outcome, or DeadlineError after `ms`; what comes later is ignored. */
export async function withDeadline<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(what, ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Doubles from `first` to `most`, with a third of chance so that those who failed together do not come back together. */
export function backoff(attempt: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** attempt) * (1 - Math.random() / 3);
}
