import { TocsinError } from '@tocsin/errors';
import type { Standing } from '../load/call-admission.js';
import type { PolicyRow } from '../policy.js';
import type { CopiesFound, CopiesState } from './copies-state.js';

/** Monotonic ms records go without an acknowledgement before releases are refused: an election of leaders takes seconds, and callers retry over it. */
const SHORT_AFTER_MS = 15_000;
/** Monotonic ms a copy is missing before work that can wait is refused: a broker that restarts is back in sync within a minute. */
const THIN_AFTER_MS = 120_000;
/** Ms after which a refused caller may come again. */
const RETRY_AFTER_MS = 30_000;

/**
 * What the platform takes on while copies of its records are missing. An import, which can wait and fills whole topics, needs all of them. A release needs
 * enough for its records to be acknowledged, unless it is, or may be, of life safety: that is kept in the document store and leaves as soon as it can. Whatever ends, stops or
 * reads is never refused. Time comes as an argument, in monotonic ms.
 */
export class CopiesGuard {
  #found: CopiesFound = { state: 'whole', thin: 0, short: 0 };
  #thinSince: number | undefined;
  #shortSince: number | undefined;

  /** A look at the cluster. */
  saw(found: CopiesFound, now: number): void {
    this.#found = found;
    this.#thinSince = found.state === 'whole' ? undefined : (this.#thinSince ?? now);
    this.#shortSince = found.state === 'short' ? (this.#shortSince ?? now) : undefined;
  }

  /** The cluster did not answer: nothing can be acknowledged either, as far as this process knows. */
  sawNothing(now: number): void {
    this.#thinSince ??= now;
    this.#shortSince ??= now;
  }

  get found(): CopiesFound {
    return this.#found;
  }

  /** What callers are held to: a state that has lasted. */
  heldTo(now: number): CopiesState {
    if (this.#shortSince !== undefined && now - this.#shortSince >= SHORT_AFTER_MS) return 'short';
    return this.#thinSince !== undefined && now - this.#thinSince >= THIN_AFTER_MS ? 'thin' : 'whole';
  }

  /** Throws UNAVAILABLE for what must wait. */
  admit(row: Pick<PolicyRow, 'begins'>, standing: Standing, now: number): void {
    const state = this.heldTo(now);
    if (state === 'whole' || row.begins === 'nothing') return;
    if (row.begins === 'hand-overs' && (state === 'thin' || standing !== 'ordinary')) return;
    throw new TocsinError(
      'UNAVAILABLE',
      'TOO_FEW_COPIES',
      'The platform is missing copies of its records and takes on only what cannot wait; try again later.',
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }
}
