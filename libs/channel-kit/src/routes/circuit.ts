import type { Verdict } from './verdict.js';

/** Failures in a row, with nothing taken between them, that open a circuit: a recipient or a text that is refused is no failure of the route. */
const OPEN_AFTER = 10;
/** ms over which submissions lost without an answer must lie to count: a window lost with its connection is one event, and the next bind starts clean. */
const LOST_SPAN_MS = 1_000;
/** ms an open circuit rests before it is tried, doubled with each trial that fails up to the longest. */
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 60_000;
/**
 * The same where no other route carries anything: an alert may wait for this one, and is to leave within 5 s of the end of an outage. An instance
 * gives 20 attempts a minute to a provider that refuses them, each tried again by its ladder.
 */
const ALONE_REST_MS = 3_000;

export type CircuitState = 'closed' | 'open' | 'trial';

/**
 * The circuit of one route: opens when everything fails, rests, is tested (the link first, then one item at a time, since each that is not taken is an attempt lost) and closes with the first item taken. While it
 * is open items wait or go elsewhere instead of being burnt one after the other. Pure: monotonic ms are passed in.
 */
export class Circuit {
  #state: CircuitState = 'closed';
  #failures = 0;
  #firstLoss: number | undefined;
  #restMs = FIRST_REST_MS;
  #openedAt = 0;
  #trialSince = 0;
  #openings = 0;

  get state(): CircuitState {
    return this.#state;
  }

  /** Times it has opened since the start; a trial that fails is part of the same opening. */
  get openings(): number {
    return this.#openings;
  }

  /** When the present trial began; only what is submitted since counts for it. */
  get trialSince(): number {
    return this.#trialSince;
  }

  /** An answer to an item submitted at `startedAt`; `certain`: a refusal, or an answer long waited for, which a connection lost once does not explain. */
  answered(verdict: Verdict, certain: boolean, startedAt: number, now: number): void {
    if (verdict === 'good' || verdict === 'slow') return this.#worked();
    if (verdict !== 'failed' || this.#state === 'open') return;
    if (this.#state === 'trial') {
      // What was submitted before it opened says nothing new.
      if (startedAt >= this.#trialSince) this.#open(now);
      return;
    }
    this.#failures += 1;
    if (!certain) this.#firstLoss ??= now;
    const lasts = certain || now - (this.#firstLoss ?? now) >= LOST_SPAN_MS;
    if (this.#failures >= OPEN_AFTER && lasts) this.#open(now);
  }

  /** Whether the link should be tested now; `alone`: no other route of the channel can be used. */
  due(now: number, alone: boolean): boolean {
    const restMs = alone ? Math.min(this.#restMs, ALONE_REST_MS) : this.#restMs;
    return this.#state === 'open' && now - this.#openedAt >= restMs;
  }

  /** The link was tested: if it answers an item is let through, else it rests again. */
  tested(linkAnswers: boolean, now: number): void {
    if (this.#state !== 'open') return;
    if (!linkAnswers) return this.#open(now);
    this.#state = 'trial';
    this.#trialSince = now;
  }

  /** A message of our own was taken: as good as an item. */
  proven(): void {
    this.#worked();
  }

  #worked(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#firstLoss = undefined;
    this.#restMs = FIRST_REST_MS;
  }

  #open(now: number): void {
    if (this.#state === 'closed') this.#openings += 1;
    else this.#restMs = Math.min(LONGEST_REST_MS, this.#restMs * 2);
    this.#state = 'open';
    this.#failures = 0;
    this.#firstLoss = undefined;
    this.#openedAt = now;
  }
}
