import type { PartitionCopies } from '@tocsin/kafka';

/**
 * How safe what is accepted now will be. 'whole': every copy of every record is in sync. 'thin': one is missing, and the loss of one more place
 * would stop the send. 'short': records cannot be acknowledged now.
 */
export type CopiesState = 'whole' | 'thin' | 'short';

/** Copies of a stretched platform, one at each site and one at the witness; with fewer by design nothing is missing. */
const STRETCHED = 3;
/** An acknowledgement needs so many of them in sync (min.insync.replicas). */
const LEAST_IN_SYNC = 2;

export interface CopiesFound {
  readonly state: CopiesState;
  /** Partitions that lack a copy. */
  readonly thin: number;
  /** Partitions that take no record now. */
  readonly short: number;
}

/** What these partitions together are; pure. */
export function copiesState(partitions: readonly Pick<PartitionCopies, 'leader' | 'copies' | 'inSync'>[]): CopiesFound {
  const short = partitions.filter(({ leader, copies, inSync }) => leader < 0 || (copies >= STRETCHED && inSync < LEAST_IN_SYNC)).length;
  const thin = partitions.filter(({ copies, inSync }) => copies >= STRETCHED && inSync < copies).length;
  return { state: short > 0 ? 'short' : thin > 0 ? 'thin' : 'whole', thin, short };
}
