/** Until somebody lifts the receiver or the call is given up, s: part of what a line is occupied for. */
const RING_SECONDS = 15;
/** Weight of each true length in the running mean: after some twenty calls the first guess is forgotten. */
const LEARNING = 0.1;

/**
 * The line-seconds a call is taken with before anybody knows how long it lasts: first from the words' length, then from calls that ended. At hang-up the
 * difference is charged or given back (FairLanes.correct), so that a wrong guess costs a tenant nothing for long.
 */
export class CallLength {
  private mean: number;

  /** `messageSeconds`: how long the words take to say once. */
  constructor(messageSeconds: number) {
    this.mean = RING_SECONDS + messageSeconds;
  }

  /** Whole line-seconds, at least 1: what the next call is taken with. */
  estimate(): number {
    return Math.max(1, Math.round(this.mean));
  }

  /** A call ended after `lineSeconds`; answers what its true cost differs from `taken`, for FairLanes.correct. */
  hungUp(lineSeconds: number, taken: number): number {
    this.mean += (lineSeconds - this.mean) * LEARNING;
    return lineSeconds - taken;
  }
}
