/** One fault as it was. */
export interface FaultLog {
  readonly index: number;
  readonly kind: string;
  /** What was hit, the scheduler's owner by its name. */
  readonly subject: string;
  /** Unix ms. */
  readonly startedAt: number;
  /** Unix ms at which what was done was undone, or what was killed was ready again. */
  readonly endedAt: number;
  /** Submitted and not yet recorded by the channel instances concerned, as they said in the second before and during the fault. */
  readonly inDoubt: number;
  /** Another fault lasted at the same time. */
  readonly overlapped: boolean;
}
