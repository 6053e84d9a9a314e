import { TocsinError } from '@tocsin/errors';
import { sideBySide } from './side-by-side.js';

/** The number people write back to; the stand-in accepts any. */
const SHORT_CODE = '36111';
const SIDE_BY_SIDE = 8;
const CALL_DEADLINE_MS = 30_000;

/** Lets the SMSC stand-in deliver a real inbound STOP from each of these numbers; resolves when the channel has taken every one. */
export async function sendStops(standInHttpPort: number, numbers: readonly string[]): Promise<void> {
  await sideBySide(numbers, SIDE_BY_SIDE, async (from) => {
    const answer = await fetch(`http://127.0.0.1:${standInHttpPort}/mo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from, to: SHORT_CODE, text: 'STOP' }),
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    if (answer.ok) return void (await answer.body?.cancel());
    throw new TocsinError(
      'UNAVAILABLE',
      'STOP_NOT_TAKEN',
      `The SMSC stand-in could not deliver a STOP (HTTP ${answer.status}): see its log.`,
    );
  });
}
