import { AnswerWindow, MIN_JUDGED } from './answer-window.js';
import type { Verdict } from './verdict.js';

/** A route that lost nothing has so many. */
export const FULL_POINTS = 100;
/** Lost or won at a time. */
const STEP = 10;
/** ms between two losses: an answer to a change must have had time to come. Ten of them take a third of the minute that is promised. */
const LOSS_COOL_DOWN_MS = 1_900;
/** Part of the answers that may be slow or failed: GOV.UK Notify acts at three in ten. */
const POOR_PART = 0.3;
/** ms without a poor judgement before points drift back; doubled with each relapse up to the longest, so that a route that stays bad is tried ever more seldom. */
const FIRST_CALM_MS = 10_000;
const LONGEST_CALM_MS = 300_000;
/** ms between two steps back. */
const DRIFT_EVERY_MS = 4_000;
/** A route that loses within this time of a step back relapses; one that has been full for as long is forgiven, ms. */
const RELAPSE_MS = 60_000;
/** Part of what the others carry that a route without points still gets: enough to see that it recovers, few enough to keep 95 % on the good ones. */
export const TRICKLE = 0.02;

/** What points are decided on besides answers. */
export interface RouteView {
  /** Bound, its circuit not open, not paused. */
  readonly usable: boolean;
  /** ms its oldest unanswered submission has waited beyond what is slow; 0 = none. */
  readonly overdueMs: number;
}

/** The points of one route, and how it did lately. */
class Score {
  points = FULL_POINTS;
  readonly window = new AnswerWindow();
  lostAt = -Infinity;
  wonAt = -Infinity;
  /** When it was last other than fine. */
  poorAt = -Infinity;
  fullSince = -Infinity;
  calmMs = FIRST_CALM_MS;
}

/** Whether a route does as it should: not known without answers. */
type Judgement = 'fine' | 'poor' | 'unclear';

/**
 * Points of a channel's routes, 0 to 100: a slow or failing one loses them, a while later they drift back, and nothing changes while all are poor. Each
 * instance of a channel decides for itself, on its own answers. Pure: monotonic ms are passed in, routes go by their place.
 */
export class RoutePoints {
  readonly #scores: readonly Score[];

  constructor(count: number) {
    this.#scores = Array.from({ length: count }, () => new Score());
  }

  points(route: number): number {
    return this.#scores[route]?.points ?? FULL_POINTS;
  }

  answered(route: number, verdict: Verdict, now: number): void {
    if (verdict !== 'neutral') this.#scores[route]?.window.add(verdict !== 'good', now);
  }

  /** Its circuit has closed: what failed before is over, but it starts low beside others. */
  restarted(route: number, now: number): void {
    const score = this.#scores[route];
    if (!score) return;
    score.window.clear();
    if (this.#scores.length > 1) this.#lose(score, score.points - STEP, now);
  }

  /** Once a second: who loses and who wins. Answers whether anything changed. */
  judge(views: readonly RouteView[], now: number): boolean {
    const judged = this.#scores.map((score, at) => judgementOf(score, views[at], now));
    // Nobody to take over from a poor one: moving would help nobody.
    const taker = judged.some((judgement, at) => judgement === 'fine' && views[at]?.usable === true);
    let changed = false;
    this.#scores.forEach((score, at) => {
      if (judged[at] !== 'fine') score.poorAt = now;
      if (judged[at] === 'poor' && taker && score.points > 0 && now - score.lostAt >= LOSS_COOL_DOWN_MS) {
        this.#lose(score, STEP, now);
        changed = true;
      } else if (judged[at] === 'fine' && this.#mayWin(score, judged, now)) {
        this.#win(score, now);
        changed = true;
      }
    });
    return changed;
  }

  #lose(score: Score, points: number, now: number): void {
    const relapsed = now - score.wonAt < RELAPSE_MS && score.lostAt < score.wonAt;
    // Lost while it was being trusted again: that was too early, and the next time it has to be good for longer.
    if (relapsed) score.calmMs = Math.min(LONGEST_CALM_MS, score.calmMs * 2);
    score.points = relapsed ? 0 : Math.max(0, score.points - points);
    score.lostAt = now;
    score.poorAt = now;
  }

  /** Drifts back after a calm; at once where somebody else is poor, since its share must go somewhere. */
  #mayWin(score: Score, judged: readonly Judgement[], now: number): boolean {
    if (score.points >= FULL_POINTS) {
      if (now - score.fullSince >= RELAPSE_MS) score.calmMs = FIRST_CALM_MS;
      return false;
    }
    // Not on silence: of the trickle it gets, something must have come back as it should.
    if (score.window.counts(now).fine === 0) return false;
    const calm = now - score.poorAt >= score.calmMs;
    const needed = judged.includes('poor') && now - score.poorAt >= FIRST_CALM_MS;
    return (calm || needed) && now - Math.max(score.wonAt, score.lostAt) >= DRIFT_EVERY_MS;
  }

  #win(score: Score, now: number): void {
    score.points = Math.min(FULL_POINTS, score.points + STEP);
    score.wonAt = now;
    if (score.points >= FULL_POINTS) score.fullSince = now;
  }
}

/** A route without traffic counts as fine, so that others may hand over to it; that it cannot be used its binds and its circuit say. */
function judgementOf({ window }: Score, view: RouteView | undefined, now: number): Judgement {
  if (!view?.usable) return 'unclear';
  if (view.overdueMs > 0) return 'poor';
  const { fine, poor } = window.counts(now);
  if (poor === 0) return 'fine';
  if (poor < POOR_PART * (fine + poor)) return 'fine';
  return fine + poor >= MIN_JUDGED ? 'poor' : 'unclear';
}
