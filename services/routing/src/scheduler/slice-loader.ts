import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { sliceKey } from '@tocsin/contracts';
import type { PlanStore } from '../planner/plan-store.js';
import { itemsOf } from '../planner/slice-document.js';
import type { ChannelState } from './channel-state.js';
import type { Want } from './channel-wants.js';

/** Reads from the store at once: enough for the rate of any provider, few enough for everybody else. */
const LOADS_AT_ONCE = 4;
/** A failed or empty read is tried again after this, ms. */
const RETRY_MS = 1_000;

interface LoaderDeps {
  readonly plans: PlanStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Brings the contents of slices, and frames after a takeover, from the store into the state. */
export class SliceLoader {
  /** Being read, or to be left alone until their retry. */
  private readonly loading = new Set<string>();
  private reading = 0;

  constructor(
    private readonly channel: string,
    private readonly state: ChannelState,
    private readonly deps: LoaderDeps,
    private readonly loaded: () => void,
  ) {}

  load(wants: Iterable<Want>): void {
    if (this.reading >= LOADS_AT_ONCE) return;
    for (const { campaignId, slice } of wants) {
      if (slice === undefined) this.once(campaignId, () => this.loadFrame(campaignId));
      else this.once(sliceKey(campaignId, slice), () => this.loadSlice(campaignId, slice));
      if (this.reading >= LOADS_AT_ONCE) return;
    }
  }

  private once(key: string, read: () => Promise<boolean>): void {
    if (this.loading.has(key)) return;
    this.loading.add(key);
    void this.run(key, read);
  }

  private async run(key: string, read: () => Promise<boolean>): Promise<void> {
    let found: boolean | undefined;
    this.reading++;
    try {
      found = await read();
    } catch (error) {
      this.deps.logger.warn('scheduler.load-failed', { channel: this.channel, key, error });
      // A store that is away is asked by a few at a time.
      await retryTime();
    }
    this.reading--;
    if (found === false) {
      this.deps.logger.error('scheduler.slice-missing', { channel: this.channel, key });
      // What is not there holds up nobody else's read.
      this.loaded();
      await retryTime();
    }
    this.loading.delete(key);
    this.loaded();
  }

  private async loadFrame(campaignId: string): Promise<boolean> {
    const frame = await this.deps.plans.frame(campaignId, this.channel);
    if (!frame && (await this.isTrimmed(campaignId))) return true;
    if (frame) this.state.frameLoaded(campaignId, frame, this.deps.clock.now());
    return frame !== undefined;
  }

  private async loadSlice(campaignId: string, slice: number): Promise<boolean> {
    const document = await this.deps.plans.slice(campaignId, slice);
    if (!document) return this.isTrimmed(campaignId);
    const { all, inOrder } = itemsOf(document, this.channel);
    this.state.sliceLoaded(campaignId, slice, all, inOrder, this.deps.clock.now());
    return true;
  }

  /** A late correction may ask for a grant after the sealed parts are gone: it is dropped, and the ledger ends the recipient at the expiry. */
  private async isTrimmed(campaignId: string): Promise<boolean> {
    const plan = await this.deps.plans.get(campaignId);
    if (!plan?.trimmed) return false;
    this.state.frameLoaded(campaignId, undefined, this.deps.clock.now());
    return true;
  }
}

function retryTime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
}
