import { setTimeout as wait } from 'node:timers/promises';
import type { BullMq } from '../peers/bullmq/bullmq.js';
import type { UrgentOptions } from './options.js';
import type { UrgentSample } from './urgent-result.js';
import { gap } from './urgent-world.js';

/** The backlog's priority and the urgent one's: a job without any would be served before all that have one. */
const BACKLOG_PRIORITY = 10;
const URGENT_PRIORITY = 1;
/** From the worker's start to the first urgent job, ms: two windows of its limiter have passed. */
const SATURATED_AFTER_MS = 3_000;
const WIRE_DEADLINE_MS = 10_000;

/** The same round with BullMQ's priorities and its limiter at the same rate; an urgent message is one job, which favours it over a whole campaign. */
export async function controlRound(control: BullMq, { contacts, releases }: UrgentOptions): Promise<UrgentSample[]> {
  await control.add('city', contacts, BACKLOG_PRIORITY);
  await control.work();
  await wait(SATURATED_AFTER_MS);
  const samples: Omit<UrgentSample, 'wireAt' | 'lastAt'>[] = [];
  while (samples.length < releases) {
    const campaignId = `urgent-${samples.length}`;
    samples.push({ campaignId, lane: 'urgent', ...(await control.add(campaignId, 1, URGENT_PRIORITY)) });
    await wait(gap());
  }
  const reached = await control.ledger.until(
    (ledger) => samples.every(({ campaignId }) => ledger.of(campaignId).length > 0),
    WIRE_DEADLINE_MS,
  );
  if (!reached) throw new Error('An urgent job of the control has not reached the wire: the round means nothing.');
  const answered = samples.map((sample) => {
    const at = control.ledger.of(sample.campaignId)[0]?.at ?? NaN;
    return { ...sample, wireAt: at, lastAt: at };
  });
  await control.clear();
  return answered;
}
