import { LANES, TOPICS, record } from '@tocsin/contracts';
import type { BatchProducer } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { channelBacklog, tellChangeMs, tellEveryMs } from './channel-backlog.js';
import type { ChannelState } from './channel-state.js';
import { floorsOf, type FloorsByChannel } from './lane-floors.js';
import { longestWaits } from './longest-waits.js';
import { clearState, showWaits, type SchedulerMetrics } from './scheduler-metrics.js';

/** Looks at the drain while there is work: four a second make whole seconds of it, ms. */
const BUSY_LOOK_MS = 250;
/** Looks while there is none, ms. */
const IDLE_LOOK_MS = 1_000;
/** Without any work the rate is told this often, ms: who reads may have started since. */
const IDLE_TELL_MS = 10_000;

/** The longest waits are looked for this often, ms: each look passes over all campaigns. */
const SHOW_WAITS_MS = 1_000;
/** A wait from which on it is told in the log, and how often, ms. */
const TELL_WAITS_MS = 30_000;

interface TellerDeps {
  readonly producer: BatchProducer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SchedulerMetrics;
  readonly floors: FloorsByChannel;
  leaseValid(): boolean;
}

/** Tells everybody what a channel has to do, while this instance owns it. A record lost costs nothing: the next one says it all. */
export class BacklogTeller {
  private timer: NodeJS.Timeout | undefined;
  private toldAt = -Infinity;
  private toldSet = '';
  private everyMs = 0;
  private sending = false;
  private stopped = false;
  private waitsShownAt = 0;
  private waitsToldAt = 0;

  constructor(
    private readonly channel: string,
    private readonly state: ChannelState,
    private readonly epoch: number,
    private readonly deps: TellerDeps,
  ) {}

  start(): void {
    this.plan();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    // The next owner shows them: two that show one channel would be believed both.
    clearState(this.deps.metrics, this.channel);
  }

  private plan(): void {
    if (this.stopped) return;
    const ms = this.state.queues.size > 0 ? BUSY_LOOK_MS : IDLE_LOOK_MS;
    this.timer = setTimeout(() => {
      this.look();
      this.plan();
    }, ms);
  }

  private look(): void {
    const { state, deps } = this;
    const now = deps.clock.now();
    state.meters.look(
      now,
      LANES.some((_, lane) => state.lanes.hasBacklog(lane)),
    );
    if (this.sending || !deps.leaseValid()) return;
    const passed = deps.clock.monotonic() - this.toldAt;
    this.showWaits(now);
    const set = this.signature(now);
    const every = state.queues.size > 0 ? this.everyMs : IDLE_TELL_MS;
    if (passed >= every || (set !== this.toldSet && passed >= tellChangeMs(this.everyMs))) this.tell(now, set);
  }

  /** Beside the figures the log names who waits: a label for each tenant would have no bound. */
  private showWaits(now: number): void {
    const { state, deps, channel } = this;
    if (now - this.waitsShownAt < SHOW_WAITS_MS) return;
    this.waitsShownAt = now;
    showWaits(deps.metrics, channel, state, now);
    if (now - this.waitsToldAt < TELL_WAITS_MS) return;
    const waiting = longestWaits(state, now).campaigns.filter(({ ms }) => ms >= TELL_WAITS_MS);
    if (waiting.length === 0) return;
    this.waitsToldAt = now;
    const named = waiting.map(({ queue, ms }) => `${queue.tenantId} ${queue.campaignId} ${Math.round(ms / 1_000)} s`);
    deps.logger.warn('scheduler.campaigns-wait', { channel, longest: named });
  }

  /** Changes with what is worth telling at once: a campaign, or the provider, came or went. */
  private signature(now: number): string {
    const { state } = this;
    return `${state.queues.size}/${state.meters.arrivalsSeen}/${Math.round(state.shares.live(now).rate)}`;
  }

  private tell(now: number, set: string): void {
    const { channel, state, epoch, deps } = this;
    const value = channelBacklog(channel, state, now, floorsOf(deps.floors, channel));
    deps.metrics.drain.set(value.drain, { channel });
    this.everyMs = tellEveryMs(value);
    this.toldAt = deps.clock.monotonic();
    this.toldSet = set;
    this.sending = true;
    const meta = { tenantId: '', occurredAt: now, epoch };
    deps.producer
      .send([record(TOPICS.backlogs.name, channel, 'tocsin.routing.v1.ChannelBacklog', value, meta)])
      .catch((error: unknown) => deps.logger.warn('scheduler.backlog-not-told', { channel, error }))
      .finally(() => (this.sending = false));
  }
}
