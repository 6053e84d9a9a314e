import { setTimeout as pause } from 'node:timers/promises';
import type { Counter, Gauge, Logger, Metrics } from '@tocsin/observability';
import { dayOf, type DayLists, type DuePage } from './day-lists.js';

/** Milliseconds from the start to the first look: a start has better to do. */
const FIRST_LOOK_MS = 5_000;
/** Milliseconds between two looks at what is due; a look is one point read a list. */
const LOOK_EVERY_MS = 60_000;

/** Ids of a page worked on side by side: most of the time of one is rest, or a wait for a write of somebody else. */
const AT_ONCE = 8;

/** 'later': not yet, it is looked at again tomorrow, as one is whose treatment fails: the others must not wait behind it. 'not-mine': left off, since its list went to another process or this one stops. */
export type Treated = 'done' | 'later' | 'not-mine';

export interface DaySweepParts {
  readonly lists: DayLists;
  /** Lists this process owns now; two processes on one list do work twice and nothing worse. */
  readonly owned: () => readonly string[];
  /** Does what is due with one id; must be idempotent, and keep itself to its part of the store. */
  readonly treat: (list: string, id: string) => Promise<Treated>;
  /** Unix ms. */
  readonly now: () => number;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Works through what is due in the lists of this process, oldest day first, while everything else goes on. */
export class DaySweep {
  private readonly abort = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly treated: Counter;
  private readonly late: Gauge;

  constructor(private readonly parts: DaySweepParts) {
    this.treated = parts.metrics.counter({
      name: 'retention_treated_total',
      help: 'Ids whose retention was due, by how it went.',
      labels: { result: ['done', 'later', 'not-mine', 'failed'] },
    });
    this.late = parts.metrics.gauge({
      name: 'retention_late_days',
      help: 'Days the oldest work of retention is behind, at the last look.',
    });
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  /** What is under way should leave off: what it has not done is done by whoever looks next. */
  get stopping(): boolean {
    return this.abort.signal.aborted;
  }

  /** One look at every list of this process. */
  async look(): Promise<void> {
    const { lists, owned, now, logger } = this.parts;
    let oldest = dayOf(now());
    for (const list of owned()) {
      try {
        const until = dayOf(now());
        for (let page = await lists.due(list, until); page && !this.abort.signal.aborted; page = await lists.due(list, until)) {
          oldest = Math.min(oldest, page.day);
          if (!(await this.work(page))) break;
        }
      } catch (error) {
        this.treated.add({ result: 'failed' });
        logger.warn('retention.failed', { list, error: String(error) });
      }
    }
    this.late.set(dayOf(now()) - oldest);
  }

  /** False: the page stays. */
  private async work(page: DuePage): Promise<boolean> {
    const { lists, treat, now, logger } = this.parts;
    const later: string[] = [];
    const waiting = page.ids.values();
    let mine = true;
    const worker = async (): Promise<void> => {
      for (const id of waiting) {
        if (!mine || this.abort.signal.aborted) return;
        const result = await treat(page.list, id).catch((error: unknown) => {
          logger.warn('retention.failed', { list: page.list, id, error: String(error) });
          return 'failed' as const;
        });
        this.treated.add({ result });
        mine &&= result !== 'not-mine';
        if (result === 'later' || result === 'failed') later.push(id);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (!mine || this.abort.signal.aborted) return false;
    if (later.length > 0) await lists.add(page.list, dayOf(now()) + 1, later);
    await lists.done(page);
    return true;
  }

  private async run(): Promise<void> {
    const { signal } = this.abort;
    for (let wait = FIRST_LOOK_MS; !signal.aborted; wait = LOOK_EVERY_MS) {
      await pause(wait, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.look();
    }
  }
}
