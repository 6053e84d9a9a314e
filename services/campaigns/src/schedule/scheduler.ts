import { setTimeout as pause } from 'node:timers/promises';
import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { AggregateStore, Documents, Guarded } from '@tocsin/mongo';
import type { Logger } from '@tocsin/observability';
import { type CampaignRecord, readRecord } from '../core/campaign-record.js';
import { startScheduled } from '../core/decide/start-scheduled.js';
import type { Changes } from '../watch/changes.js';

/** ms between two looks at what is due. */
const TICK = 500;
/** ms between two readings of the markers: how late one set by the other instance may be noticed, should that instance die. */
const REFRESH = 5_000;
/** ms a marker outlives its time: its campaign's own write may still be under way. */
const LINGER = 60_000;

/** Names a campaign to start; `_id` = "<minute>:<campaign>", written before the campaign says that it is scheduled. */
export interface ScheduleMarker extends Guarded {
  readonly campaignId: string;
  /** Unix ms. */
  readonly at: number;
}

export interface SchedulerDeps {
  readonly markers: Documents<ScheduleMarker>;
  readonly store: AggregateStore<CampaignRecord>;
  readonly changes: Changes;
  readonly logger: Logger;
  now(): number;
  /** Whether the tenant may send nothing now; false where nobody can tell, since it could when the campaign was released. */
  isSuspended(tenantId: string): Promise<boolean>;
}

/** Starts scheduled campaigns at their time; every instance tries, the guarded write lets one. */
export class Scheduler {
  private readonly known = new Map<string, ScheduleMarker>();
  private refreshedAt = -Infinity;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly deps: SchedulerDeps) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Notes a start to come; must be acknowledged before the campaign is scheduled. */
  async plan(campaignId: string, at: number): Promise<void> {
    const minute = Math.floor(at / 60_000);
    const marker = { _id: `${minute}:${campaignId}`, v: 1, campaignId, at };
    await this.deps.markers.insert(marker);
    this.known.set(marker._id, marker);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      await this.tick().catch((error: unknown) => this.deps.logger.warn('campaigns.schedule_failed', { error: String(error) }));
      await pause(TICK);
    }
  }

  private async tick(): Promise<void> {
    const { markers } = this.deps;
    if (performance.now() - this.refreshedAt >= REFRESH) {
      const stored = await markers.all();
      this.known.clear();
      for (const marker of stored) this.known.set(marker._id, marker);
      this.refreshedAt = performance.now();
    }
    for (const marker of this.known.values()) if (marker.at <= this.deps.now()) await this.fire(marker);
  }

  private async fire(marker: ScheduleMarker): Promise<void> {
    const { store, changes, markers, logger } = this.deps;
    const now = (): number => this.deps.now();
    if (await this.mustWait(marker)) return;
    let started = false;
    await store.update(marker.campaignId, (state, version) => {
      const decision = startScheduled(readRecord(state), version, now());
      started = decision !== null;
      return decision;
    });
    if (started) {
      changes.notify(marker.campaignId);
      logger.info('campaigns.started_on_schedule', { campaignId: marker.campaignId, lateMs: now() - marker.at });
    }
    if (!started && now() < marker.at + LINGER) return;
    await markers.remove(marker._id);
    this.known.delete(marker._id);
  }

  /** A suspended tenant's campaign waits for the end of the suspension, or for its own expiry; it is looked at again after a while. */
  private async mustWait(marker: ScheduleMarker): Promise<boolean> {
    const campaign = (await this.deps.store.get(marker.campaignId))?.state.campaign;
    if (campaign?.state !== CampaignState.SCHEDULED || this.deps.now() >= campaign.expiresAt) return false;
    if (!(await this.deps.isSuspended(campaign.tenantId))) return false;
    this.known.set(marker._id, { ...marker, at: this.deps.now() + REFRESH });
    return true;
  }
}
