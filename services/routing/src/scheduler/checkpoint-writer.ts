import type { Clock } from '@tocsin/service-kit';
import type { ChannelState } from './channel-state.js';
import { packState } from './checkpoint-body.js';
import type { CheckpointStore } from './checkpoint-store.js';
import type { Taken } from './takeover.js';

/** A checkpoint is written this often while something changes, ms: what a takeover replays. */
const CHECKPOINT_EVERY_MS = 2_000;

export interface WriterDeps {
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  /** Offsets up to which nothing needs to be read again. */
  checkpointed(channel: string, offsets: { readonly plans: number; readonly due: number }): void;
}

/** How far a scheduler's state has come in each topic, and the writing of both together. */
export class CheckpointWriter {
  private plans: number;
  private due: number;
  private readonly attempts: Map<number, number>;
  private readonly granted: number[][];
  private version: number;
  private dirtySince: number | undefined;
  private saving: Promise<boolean> | undefined;

  constructor(
    private readonly channel: string,
    private readonly taken: Taken,
    private readonly deps: WriterDeps,
  ) {
    this.version = taken.version;
    this.plans = taken.offsets.plans;
    this.due = taken.offsets.due;
    this.attempts = new Map(taken.offsets.attempts);
    this.granted = taken.offsets.granted.map((lane) => [...lane]);
  }

  changed(): void {
    this.dirtySince ??= this.deps.clock.monotonic();
  }

  get dirty(): boolean {
    return this.dirtySince !== undefined;
  }

  /** ms until the next checkpoint should be written, undefined while nothing has changed. */
  dueIn(): number | undefined {
    return this.dirtySince === undefined ? undefined : Math.max(0, this.dirtySince + CHECKPOINT_EVERY_MS - this.deps.clock.monotonic());
  }

  get busy(): boolean {
    return this.saving !== undefined;
  }

  async settled(): Promise<void> {
    await this.saving;
  }

  /** Everything before these offsets has been folded. */
  read(offsets: { readonly plans?: number; readonly due?: number }): void {
    this.plans = Math.max(this.plans, offsets.plans ?? 0);
    this.due = Math.max(this.due, offsets.due ?? 0);
    this.changed();
  }

  readAttempts(partition: number, next: number): void {
    this.attempts.set(partition, next);
    this.changed();
  }

  wroteGrant(lane: number, share: number, offset: number): void {
    const shares = this.granted[lane];
    if (!shares || offset < 0) throw new Error('a grant was written without an offset');
    shares[share] = Math.max(shares[share] ?? 0, offset + 1);
    this.changed();
  }

  attemptOffsets(): ReadonlyMap<number, number> {
    return this.attempts;
  }

  /** Writes the state of this moment; call only when no grant is on its way to Kafka. false: the channel has another owner. */
  async save(state: ChannelState): Promise<boolean> {
    // Never yields unless it must: between the caller's look and packState no grant may be picked.
    if (this.saving) await this.saving;
    const { channel, deps, taken } = this;
    const offsets = {
      plans: this.plans,
      due: this.due,
      attempts: [...this.attempts],
      granted: this.granted.map((lane) => [...lane]),
    };
    const body = packState(state);
    this.dirtySince = undefined;
    this.saving = deps.checkpoints.save({ _id: channel, v: this.version, epoch: taken.epoch, offsets, body, at: deps.clock.now() });
    try {
      const mine = await this.saving;
      if (!mine) return false;
      this.version++;
      deps.checkpointed(channel, { plans: offsets.plans, due: offsets.due });
      return true;
    } catch (error) {
      // Written or not: the next one says which, by its guard.
      this.changed();
      throw error;
    } finally {
      this.saving = undefined;
    }
  }
}
