import { TokenBucket } from '@tocsin/fairness';
import type { AudienceWalk } from './audience-walk.js';
import type { Release } from './frame.js';
import { PlanQueue, type WaitingPlan } from './plan-queue.js';
import { PlanRun, type PlanRunDeps, type TakenUp } from './plan-run.js';
import { readAhead } from './read-ahead.js';

/** Plans worked on at once: enough that a slow page of one register does not hold up the others. */
const WORKERS = 4;
/** Beyond them, for urgent plans and first pages: these find a worker although all others wait for the store's budget or a slow register. */
const PROMPT_WORKERS = 2;
/** Plans in work from which on an urgent release is not read ahead: its pages would wait in memory. */
const MAX_AHEAD = 16;
/** Slices stored a second, all plans together: a slice is some 3 ms of the store, which others need too. */
const SLICE_INSERTS_PER_SECOND = 50;
/** Waits after a failed step, doubling, ms. */
const MIN_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;
/** A plan that is far ahead looks again after this long at most, ms: an operator may have raised the rate. */
const MAX_REST_MS = 2_000;
/** The longest a timer of Node can be, ms: 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A plan as whoever starts it knows it; tenant and weight of one resumed from an earlier release of Tocsin may be missing. */
export type StartedPlan = Pick<WaitingPlan, 'campaignId' | 'lane'> & Partial<Pick<WaitingPlan, 'tenantId' | 'weight'>>;

interface OpenRun {
  readonly run: PlanRun;
  readonly plan: StartedPlan;
  failures: number;
  again: boolean;
}

/** Works on plans by lane, then one page each in turn among tenants, so that nobody's batch waits for a city. */
export class Planner {
  private readonly queue = new PlanQueue();
  private readonly runs = new Map<string, OpenRun>();
  private readonly inserts: TokenBucket;
  private readonly deps: PlanRunDeps;
  private active = 0;
  private stopping = false;
  private steps = 0;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(deps: Omit<PlanRunDeps, 'admitInsert'>) {
    this.inserts = new TokenBucket(SLICE_INSERTS_PER_SECOND, deps.clock.monotonic());
    this.deps = { ...deps, admitInsert: () => this.admitInsert() };
  }

  /** Plans in work, and a number that grows with every step: alive means progressing. */
  get open(): number {
    return this.runs.size;
  }

  get progress(): number {
    return this.steps;
  }

  /** Starts a plan, or wakes one that ended its work here (halted and resumed). `taken`: its release was taken up just now. */
  add(plan: StartedPlan, taken?: TakenUp): void {
    const { campaignId } = plan;
    const known = this.runs.get(campaignId);
    if (this.stopping || known) taken?.walk?.cancel();
    if (this.stopping) return;
    if (known) {
      // It may be about to end (halted): then it begins anew.
      known.again = true;
      return;
    }
    this.runs.set(campaignId, { run: new PlanRun(campaignId, this.deps, taken), plan, failures: 0, again: false });
    this.deps.metrics.open.set(this.runs.size);
    this.wait(plan, taken !== undefined);
    this.fill();
  }

  /** Nothing of the campaign is dispatched any more: whoever stopped it waits for its last recipient to be accounted for. */
  hurry(campaignId: string): void {
    this.runs.get(campaignId)?.run.hurry();
  }

  /** For an urgent release that is about to be taken up: its first page is read meanwhile. undefined: it takes its turn. */
  readAhead(release: Release): AudienceWalk | undefined {
    if (this.stopping || this.runs.size >= MAX_AHEAD) return undefined;
    return readAhead(release, this.deps);
  }

  /** Keeps only the plans of partitions this instance still owns. */
  keep(mine: (campaignId: string) => boolean): void {
    for (const [campaignId, { run }] of this.runs) if (!mine(campaignId)) this.drop(campaignId, run);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const [campaignId, { run }] of this.runs) this.drop(campaignId, run);
    while (this.active > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  private drop(campaignId: string, run: PlanRun): void {
    run.stop();
    this.queue.remove(campaignId);
    this.runs.delete(campaignId);
    if (this.runs.size === 0) this.queue.rest();
    this.deps.metrics.open.set(this.runs.size);
  }

  private wait({ campaignId, lane, tenantId = '', weight = 1 }: StartedPlan, first: boolean): void {
    this.queue.add({ campaignId, lane, tenantId, weight, first });
  }

  private fill(): void {
    while (!this.stopping && this.active < WORKERS + PROMPT_WORKERS) {
      const campaignId = this.queue.next(this.active >= WORKERS);
      if (campaignId === undefined) return;
      this.active++;
      void this.work(campaignId).finally(() => {
        this.active--;
        this.fill();
      });
    }
  }

  private async work(campaignId: string): Promise<void> {
    const entry = this.runs.get(campaignId);
    if (!entry) return;
    try {
      const outcome = await entry.run.step();
      entry.failures = 0;
      this.steps++;
      if (this.runs.get(campaignId) !== entry) return;
      if (outcome === 'more') this.goOn(entry);
      else {
        this.drop(campaignId, entry.run);
        const { wakeAt } = entry.run;
        if (entry.again) this.add(entry.plan);
        else if (wakeAt !== undefined) this.later(this.until(wakeAt), () => this.add(entry.plan));
      }
    } catch (error) {
      if (this.stopping || this.runs.get(campaignId) !== entry) return;
      this.deps.metrics.failures.add();
      this.deps.logger.warn('plan.step-failed', { campaign: campaignId, failures: entry.failures, error });
      entry.run.reset();
      this.steps++;
      const backoff = Math.min(MIN_BACKOFF_MS * 2 ** entry.failures++, MAX_BACKOFF_MS);
      this.waitLater(entry, backoff);
    }
  }

  /** Takes its next turn, after a rest where the plan is far ahead of its dispatch. */
  private goOn(entry: OpenRun): void {
    const rest = entry.run.restMs();
    if (rest <= 0) this.wait(entry.plan, false);
    else this.waitLater(entry, Math.min(rest, MAX_REST_MS));
  }

  private waitLater(entry: OpenRun, ms: number): void {
    this.later(ms, () => {
      if (this.runs.get(entry.plan.campaignId) !== entry) return;
      this.wait(entry.plan, false);
      this.fill();
    });
  }

  private until(at: number): number {
    return Math.min(Math.max(0, at - this.deps.clock.now()), MAX_TIMER_MS);
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    this.timers.add(timer);
  }

  private async admitInsert(): Promise<void> {
    const { clock } = this.deps;
    while (!this.inserts.ready(clock.monotonic())) {
      await new Promise((resolve) => setTimeout(resolve, this.inserts.waitMs(clock.monotonic())));
    }
    this.inserts.take(1, clock.monotonic());
  }
}
