/** Milliseconds between two looks at a condition: short beside what tests wait for, long beside what a look costs. */
const LOOK_EVERY_MS = 50;

/** Waits until the condition holds; throws with `what` and the last failure when it does not within deadlineMs milliseconds, looking every everyMs. */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  deadlineMs: number,
  everyMs = LOOK_EVERY_MS,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  let lastFailure: unknown;
  while (performance.now() < end) {
    try {
      if (await condition()) return;
      lastFailure = undefined;
    } catch (failure) {
      lastFailure = failure;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${deadlineMs} ms`, lastFailure === undefined ? undefined : { cause: lastFailure });
}
