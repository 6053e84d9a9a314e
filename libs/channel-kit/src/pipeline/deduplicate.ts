import type { AttemptIndex } from '../knowledge/attempt-index.js';
import type { Gate } from './gate.js';

/** The same delivery_id#n is submitted once: a grant read again, or granted twice by two schedulers, stops here. */
export function deduplicate(attempts: AttemptIndex): Gate {
  return (item) => (attempts.attempted(item.sliceKey, item.index, item.n) ? 'already-recorded' : undefined);
}
