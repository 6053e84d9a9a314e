import { TocsinError } from '@tocsin/errors';

/** The TocsinError a call ends with; throws when it ends well or with anything else. */
export async function errorOf(promise: Promise<unknown>): Promise<TocsinError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof TocsinError) return error;
  throw new Error('no TocsinError', { cause: error });
}
