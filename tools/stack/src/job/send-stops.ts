import { TocsinError } from '@tocsin/errors';

/** The number people write back to; the stand-in takes any. */
const SHORT_CODE = '36111';
/** A bind has a window: more at once would only wait. */
const BATCH = 50;
const CALL_DEADLINE_MS = 30_000;

/** Lets the SMSC stand-in deliver a real inbound STOP from each of these numbers; what became of them shows in the previews. */
export async function sendStops(standInHttpPort: number, numbers: readonly string[]): Promise<void> {
  for (let from = 0; from < numbers.length; from += BATCH) {
    const batch = numbers.slice(from, from + BATCH).map((number) => ({ from: number, to: SHORT_CODE, text: 'STOP' }));
    const answer = await fetch(`http://127.0.0.1:${standInHttpPort}/mo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw notTaken(answer.status);
  }
}

function notTaken(status: number): TocsinError {
  return new TocsinError('UNAVAILABLE', 'STOP_NOT_TAKEN', `The SMSC stand-in could not deliver a STOP (HTTP ${status}): see its log.`);
}
