import { TOPICS, unpackEnvelope } from '@tocsin/contracts';
import { CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import {
  partitionOf,
  type BatchProducer,
  type GroupConsumer,
  type IncomingRecord,
  type KafkaConnection,
  type RecordBatch,
} from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import { channelsOf, decodeRelease, type Release } from './frame.js';
import { controlRecords } from './plan-publisher.js';
import type { Planner, StartedPlan } from './planner.js';
import { urgentFirst } from './urgent-first.js';
import type { PlanStore } from './plan-store.js';

export interface IntakeDeps {
  readonly kafka: KafkaConnection;
  readonly producer: BatchProducer;
  readonly store: PlanStore;
  readonly planner: Planner;
  readonly logger: Logger;
  readonly clock: Clock;
  /** False while the store cannot be reached: an instance that reaches it should have the partitions. */
  able?(): boolean;
  /** Notes campaigns whose every recipient is terminal. */
  finished(partition: number, campaignIds: readonly string[]): Promise<void>;
}

const CONTROLS = {
  'tocsin.campaigns.v1.CampaignPaused': PlanControlKind.PAUSE,
  'tocsin.campaigns.v1.CampaignResumed': PlanControlKind.RESUME,
  'tocsin.campaigns.v1.CampaignStopped': PlanControlKind.CANCEL,
} as const;

/** Takes campaign events up: a release becomes a stored plan before its offset is committed, so that its planning never holds a batch. */
export class ReleaseIntake {
  private readonly group: GroupConsumer;
  private mine = new Set<number>();

  constructor(private readonly deps: IntakeDeps) {
    const { name } = TOPICS.campaignEvents;
    this.group = deps.kafka.group({
      group: 'routing-planner',
      topics: [name],
      assigner: 'copartition',
      from: 'beginning',
      commit: 'after-batch',
      able: () => deps.able?.() ?? true,
      onBatch: (batch) => this.read(batch),
      onAssigned: async (assigned) => {
        this.mine = new Set(assigned.filter(({ topic }) => topic === name).map(({ partition }) => partition));
        await this.resumeOpenPlans();
      },
    });
  }

  start(): Promise<void> {
    return this.group.start();
  }

  stop(): Promise<void> {
    return this.group.stop();
  }

  private async resumeOpenPlans(): Promise<void> {
    const mine = (campaignId: string): boolean => this.mine.has(partitionOf(Buffer.from(campaignId), TOPICS.campaignEvents.partitions));
    this.deps.planner.keep(mine);
    for (const open of await this.deps.store.openPlans()) if (mine(open._id)) this.deps.planner.add({ ...open, campaignId: open._id });
  }

  private async read(batch: RecordBatch): Promise<void> {
    const finished: string[] = [];
    for (const incoming of urgentFirst(batch.records)) {
      const ended = await this.take(incoming);
      if (ended !== undefined) finished.push(ended);
    }
    // Stored before the batch's offset is committed.
    if (finished.length > 0) await this.deps.finished(batch.partition, finished);
  }

  /** The campaigns' partitions this instance owns now. */
  owned(): readonly number[] {
    return [...this.mine];
  }

  /** Answers a campaign that has finished. */
  private async take({ envelope }: IncomingRecord): Promise<string | undefined> {
    if (!envelope) return undefined;
    const event = unpackEnvelope(envelope);
    switch (event.type) {
      case 'tocsin.campaigns.v1.CampaignReleased': {
        const campaign = event.value.campaign;
        if (!campaign) throw new RangeError('a release without its campaign');
        // Kept with the plan: planning outlives this batch, and granting outlives this process.
        const released = { ...event.value, traceparent: envelope.traceparent };
        const release = Buffer.from(CampaignReleased.encode(released).finish());
        const { campaignId, tenantId, lane } = campaign;
        const started = planOf({ campaign, released });
        const walk = this.deps.planner.readAhead({ campaign, released });
        const plan = await this.deps.store.takeUp(started, release).catch((error: unknown) => {
          walk?.cancel();
          throw error;
        });
        this.deps.logger.info('plan.taken-up', { campaign: campaignId, tenant: tenantId, lane, fresh: plan !== null });
        if (!plan) walk?.cancel();
        // Delivered again after the plan was closed, it closes it again: whoever closed it may have died before telling.
        this.deps.planner.add(started, plan ? { plan, release: { campaign, released }, walk } : undefined);
        return undefined;
      }
      case 'tocsin.campaigns.v1.CampaignPaused':
      case 'tocsin.campaigns.v1.CampaignResumed':
      case 'tocsin.campaigns.v1.CampaignStopped': {
        const reason = event.type === 'tocsin.campaigns.v1.CampaignStopped' ? event.value.reason : '';
        await this.control(event.value.campaignId, CONTROLS[event.type], reason, envelope.epoch);
        return undefined;
      }
      case 'tocsin.campaigns.v1.CampaignFinished':
        return event.value.campaignId;
      default:
        return undefined;
    }
  }

  private async control(campaignId: string, kind: PlanControlKind, reason: string, version: number): Promise<void> {
    const { store, producer, clock, planner } = this.deps;
    const plan = await store.get(campaignId);
    // Never released: there is nothing to hold.
    if (!plan) return;
    const release = decodeRelease(plan.release);
    const send = (): Promise<void> =>
      producer.send(controlRecords(release, channelsOf(release.campaign), kind, reason, version, clock.now()));
    const accept = (): Promise<unknown> => store.update(campaignId, () => ({ halted: false, expansionAccepted: true }));
    switch (kind) {
      case PlanControlKind.CANCEL:
        // The schedulers first: what is named after their close is born closed.
        await send();
        if (!plan.closed) await accept();
        break;
      case PlanControlKind.RESUME:
        // The plan first: a run that finds it halted says so again, and must not after this.
        if (plan.halted) await accept();
        await send();
        break;
      default:
        await send();
    }
    // Whether it was halted is no longer known when this is the second try.
    if (!plan.closed && kind !== PlanControlKind.PAUSE) planner.add(planOf(release));
    if (kind === PlanControlKind.CANCEL) planner.hurry(campaignId);
  }
}

function planOf({ campaign, released }: Release): Required<StartedPlan> {
  const { campaignId, tenantId, lane } = campaign;
  return { campaignId, tenantId, lane, weight: Math.max(1, released.tenantWeight) };
}
