import type { BullMq } from '../peers/bullmq/bullmq.js';
import type { ControlStretch } from './growth-result.js';

/** A round's queue of the control is drained within this, ms. */
const DRAIN_DEADLINE_MS = 120_000;

/** The same stretch in BullMQ: the jobs lie in Redis, the worker takes them at full speed and gives them to nobody. */
export async function controlStretch(control: BullMq, messages: number): Promise<ControlStretch> {
  await control.add('control', messages);
  await control.work();
  const before = control.cpu();
  const begun = performance.now();
  await control.drained(DRAIN_DEADLINE_MS);
  const seconds = (performance.now() - begun) / 1_000;
  const after = control.cpu();
  const used = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  await control.clear();
  return { messages, seconds, worker: used('bullmq-worker'), redis: used('redis') };
}
