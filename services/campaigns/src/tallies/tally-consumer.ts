import { setTimeout as pause } from 'node:timers/promises';
import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import type { CampaignNotice } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopKind } from '@tocsin/contracts/campaigns/v1/campaign_events';
import type { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import type { GroupConsumer, KafkaConnection, RecordBatch } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import { EXPANSION } from '../core/decide/hold-campaign.js';

/** ms between two writes of a campaign's tally. */
const FLUSH_INTERVAL = 1_000;
/** ms between two flushes of everything, whatever was written last: only then may offsets be committed. */
const COMMIT_INTERVAL = 5_000;
/** ms until the first parts after a quiet while are written: six partitions report side by side. */
const FLUSH_SOON = 150;

export interface TallyConsumerDeps {
  readonly kafka: KafkaConnection;
  readonly logger: Logger;
  /** False while the store cannot be reached: an instance that reaches it should have the partitions. */
  able?(): boolean;
  /** Stores parts of one campaign; false: they held nothing new. */
  store(campaignId: string, parts: readonly TallyPart[]): Promise<boolean>;
  changed(campaignId: string): void;
  /** The planner halted this campaign and asks its agents. */
  held(campaignId: string): Promise<void>;
  /** Routing says what slows this campaign on a channel. */
  noticed(campaignId: string, notice: CampaignNotice): Promise<void>;
}

/**
 * Gathers the parts of all campaigns and stores each campaign's at most once a second; offsets are committed after. Hears the planner's questions
 * and routing's notices too: one group more would cost as much as a whole consumer.
 */
export class TallyConsumer {
  private readonly group: GroupConsumer;
  private readonly waiting = new Map<string, Map<number, TallyPart>>();
  private readonly taken = new Map<string, { topic: string; partition: number; offset: number }>();
  private readonly storedAt = new Map<string, number>();
  private flushing: Promise<void> = Promise.resolve();
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private committedAt = 0;
  /** Grows with every flush, one that the store refused too: a restart mends what hangs, not a store that is away. */
  progress = 0;

  constructor(private readonly deps: TallyConsumerDeps) {
    this.group = deps.kafka.group({
      group: 'campaigns',
      topics: [TOPICS.tallies.name, TOPICS.campaignStops.name],
      assigner: 'round-robin',
      from: 'beginning',
      commit: 'manual',
      able: () => deps.able?.() ?? true,
      onBatch: (batch) => this.batch(batch),
      beforeRejoin: () => this.flush(true),
    });
  }

  async start(): Promise<void> {
    await this.group.start();
    this.running = this.run();
  }

  hasWork(): boolean {
    return this.waiting.size > 0;
  }

  async stop(): Promise<void> {
    await this.group.stop();
    this.stopped = true;
    await this.running;
  }

  private async batch(batch: RecordBatch): Promise<void> {
    for (const { envelope } of batch.records) {
      if (!envelope) continue;
      if (batch.topic === TOPICS.campaignStops.name) {
        await this.hear(envelope);
        continue;
      }
      const part = readPart(envelope);
      if (part) this.gather(part);
    }
    const last = batch.records.at(-1);
    const place = `${batch.topic}:${batch.partition}`;
    if (last) this.taken.set(place, { topic: batch.topic, partition: batch.partition, offset: last.offset + 1 });
  }

  private async hear(envelope: Parameters<typeof unpackEnvelope>[0]): Promise<void> {
    // A damaged record throws, as readPart.
    const { type, value } = unpackEnvelope(envelope);
    if (type !== 'tocsin.campaigns.v1.CampaignStop') return;
    const { campaignId, kind, reason = '', channel = '', at } = value;
    if (kind === StopKind.NOTICE) await this.deps.noticed(campaignId, { reason, channel, at });
    // What agents decided this service said itself.
    else if (reason === EXPANSION) await this.deps.held(campaignId);
  }

  private gather(part: TallyPart): void {
    const parts = this.waiting.get(part.campaignId) ?? new Map<number, TallyPart>();
    const known = parts.get(part.partition);
    if (!known || known.sequence < part.sequence) parts.set(part.partition, part);
    this.waiting.set(part.campaignId, parts);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await pause(FLUSH_SOON);
      await this.flush(performance.now() - this.committedAt >= COMMIT_INTERVAL).catch((error: unknown) => {
        this.progress += 1;
        this.deps.logger.warn('campaigns.tally_flush_failed', { error: String(error) });
      });
    }
  }

  private flush(force: boolean): Promise<void> {
    const next = this.flushing.then(() => this.storeDue(force));
    this.flushing = next.catch(() => undefined);
    return next;
  }

  /** Stores the campaigns whose second has passed; `force` stores all and commits. */
  private async storeDue(force: boolean): Promise<void> {
    const now = performance.now();
    const taken = new Map(this.taken);
    const due = [...this.waiting].filter(([id]) => force || now - (this.storedAt.get(id) ?? -Infinity) >= FLUSH_INTERVAL);
    for (const [campaignId, parts] of due) {
      if (this.waiting.get(campaignId) === parts) this.waiting.delete(campaignId);
      try {
        if (await this.deps.store(campaignId, [...parts.values()])) this.deps.changed(campaignId);
      } catch (error) {
        // Parts are absolute: those that came meanwhile win, the others wait for the next flush.
        for (const part of parts.values()) this.gather(part);
        throw error;
      }
      this.storedAt.set(campaignId, performance.now());
    }
    this.progress += 1;
    for (const [id, at] of this.storedAt) if (now - at > FLUSH_INTERVAL) this.storedAt.delete(id);
    // Everything taken before this flush began is stored now.
    if (!force) return;
    this.committedAt = now;
    if (taken.size > 0) await this.group.commit([...taken.values()]);
  }
}

/** null: a record of another type. Throws for one that is damaged or incomplete, which the consumer host lays with the dead letters. */
function readPart(envelope: Parameters<typeof unpackEnvelope>[0]): TallyPart | null {
  const { type, value } = unpackEnvelope(envelope);
  if (type !== 'tocsin.deliveries.v1.TallyPart') return null;
  if (value.campaignId === '' || !value.tally) throw new RangeError('a tally that names no campaign or counts nothing');
  return value;
}
