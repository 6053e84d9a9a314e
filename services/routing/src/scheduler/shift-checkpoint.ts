import type { Checkpoint } from './checkpoint-store.js';

/** Where the topics of a channel began when a backup copied them: what lay at this offset lies at 0 in a restored Kafka. */
export interface ChannelBases {
  readonly plans: number;
  readonly due: number;
  /** By partition. */
  readonly attempts: readonly number[];
  /** By lane, then share. */
  readonly granted: readonly (readonly number[])[];
}

/** A checkpoint whose offsets name the same records in a restored Kafka. Pure. */
export function shiftCheckpoint(checkpoint: Checkpoint, bases: ChannelBases): Checkpoint {
  const { plans, due, attempts, granted } = checkpoint.offsets;
  return {
    ...checkpoint,
    offsets: {
      plans: shifted(plans, bases.plans),
      due: shifted(due, bases.due),
      attempts: attempts.map(([partition, offset]) => [partition, shifted(offset, bases.attempts[partition])] as const),
      granted: granted.map((shares, lane) => shares.map((offset, share) => shifted(offset, bases.granted[lane]?.[share]))),
    },
  };
}

function shifted(offset: number, base = 0): number {
  return Math.max(0, offset - base);
}
