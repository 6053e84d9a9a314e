/** What a test gives to a library that wants to end its process: the test fails by an error nobody catches. */
export function failTest(reason: string, error: unknown): void {
  queueMicrotask(() => {
    throw new Error(reason, { cause: error });
  });
}
