import type { Documents, Guarded, MongoConnection } from '@tocsin/mongo';
import type { CheckpointOffsets } from './checkpoint-body.js';

/** A channel's state at rest, with the offsets it corresponds to. */
export interface Checkpoint extends Guarded {
  readonly epoch: number;
  readonly offsets: CheckpointOffsets;
  /** JSON, see checkpoint-body. */
  readonly body: string;
  /** Unix ms. */
  readonly at: number;
}

interface Epoch extends Guarded {
  readonly instance: string;
  readonly at: number;
}

/** Epochs tried in a row; each is one owner that died before its first checkpoint. */
const MAX_TRIES = 10_000;
/** Epochs kept behind the current one, to read who owned what. */
const EPOCHS_KEPT = 20;

/** Checkpoints (one document a channel) and epochs (an insert each: the one atomic claim every backend gets right). */
export class CheckpointStore {
  private constructor(
    private readonly checkpoints: Documents<Checkpoint>,
    private readonly epochs: Documents<Epoch>,
  ) {}

  static async in(mongo: MongoConnection): Promise<CheckpointStore> {
    return new CheckpointStore(await mongo.documents<Checkpoint>('checkpoints'), await mongo.documents<Epoch>('epochs'));
  }

  get(channel: string): Promise<Checkpoint | null> {
    return this.checkpoints.get(channel);
  }

  /** Takes the next free epoch of a channel, above every one known. */
  async claimEpoch(channel: string, above: number, instance: string, now: number): Promise<number> {
    for (let epoch = above + 1; epoch <= above + MAX_TRIES; epoch++) {
      if (!(await this.epochs.insert({ _id: `${channel}:${epoch}`, v: 1, instance, at: now }))) continue;
      if (epoch > EPOCHS_KEPT) await this.epochs.remove(`${channel}:${epoch - EPOCHS_KEPT}`);
      return epoch;
    }
    throw new Error(`no free epoch of ${channel} above ${above}`);
  }

  /** Writes over the version `next.v` (0 = the first one). false: somebody else wrote in between, so the channel is theirs. */
  async save(next: Checkpoint): Promise<boolean> {
    return next.v === 0 ? this.checkpoints.insert({ ...next, v: 1 }) : this.checkpoints.replace(next);
  }
}
