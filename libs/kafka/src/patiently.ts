import { TocsinError } from '@tocsin/errors';
import { backoff, delay } from './deadline.js';
import { kafkaErrorType, unavailable } from './kafka-error.js';

/** ms a question to the cluster is asked again: a leader election or a broker's restart fits. */
const PATIENCE = 15_000;
/** ms between tries. */
const MOST_BACKOFF = 1_000;

/** Asks until it is answered; rejects NOT_FOUND for a topic that does not exist and UNAVAILABLE after 15 s. */
export async function patiently<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (let failures = 0; ;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof TocsinError) throw error;
      if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') {
        throw new TocsinError('NOT_FOUND', 'NO_SUCH_TOPIC', `There is no such topic: ${what}.`, { cause: error });
      }
      if (performance.now() > end) throw unavailable(what, error);
      await delay(backoff(failures++, 100, MOST_BACKOFF));
    }
  }
}
