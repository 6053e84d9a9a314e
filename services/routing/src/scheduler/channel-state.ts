import { FairLanes, type LaneOrder } from '@tocsin/fairness';
import { ControlBook, LANES } from '@tocsin/contracts';
import type { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import {
  PlanControlKind,
  type CampaignFrame,
  type PlanControl,
  type PlanEnd,
  type PlanSlice,
  type SliceItem,
} from '@tocsin/contracts/routing/v1/plans';
import { Outcome, type AttemptAnswer, type AttemptAnswers } from '@tocsin/contracts/deliveries/v1/attempts';
import type { DueRecord } from '@tocsin/contracts/deliveries/v1/due';
import { EXPANSION } from '../planner/expansion-guard.js';
import { CampaignIndex } from './campaign-index.js';
import { CampaignQueue, type CloseReason, type Room } from './campaign-queue.js';
import { ChannelLimits } from './channel-limits.js';
import { FinishedCampaigns } from './finished-campaigns.js';
import { Gates } from './gates.js';
import { Notices } from './notices.js';
import { Outstanding, type OutstandingGrant } from './outstanding.js';
import { ownFrame } from './own-frame.js';
import { RecentDues } from './recent-dues.js';
import { Shares } from './shares.js';
import { LoadMeters } from './load-meters.js';
import type { Terms } from './tenant-limits.js';
import { GrantedWindow } from './window.js';

/** Slices held beyond each campaign's first one, all campaigns together: 3 MB. */
const MAX_SLICES_AHEAD = 64;
/** Items held in all, some 170 bytes each (40 MB): the first slices of a thousand communes; beyond it a campaign waits for its turn in memory. */
const MAX_ITEMS_HELD = 240_000;

/** Items that only urgent lanes may hold beyond those, 5 MB: thousands of newsletters in memory must not keep an alert out of it. */
const URGENT_ITEMS_HELD = 30_000;
/** life-safety and urgent: lanes that wait for nothing that others do. */
export const URGENT_LANES = 2;

/** A campaign that may not go on for longer than this gives its contents up, ms: reading a slice anew costs a few. */
const SLEEPS_AFTER_MS = 5_000;

/** A hold that ends by itself ends here this much later, ms: a channel whose clock is behind would give back what it still holds, again and again. */
const CLOCKS_APART_MS = 2_000;

const NOT_SENT: ReadonlySet<Outcome> = new Set([Outcome.EXPIRED, Outcome.CANCELLED, Outcome.SUPPRESSED]);

/** Everything a channel's scheduler knows, as a fold of what it reads: pure, time comes in as Unix ms. */
export class ChannelState {
  readonly queues = new Map<string, CampaignQueue>();
  readonly index = new CampaignIndex(LANES.length);
  readonly outstanding = new Outstanding(LANES.length);
  readonly shares = new Shares();
  readonly window = new GrantedWindow();
  readonly meters = new LoadMeters();
  readonly gates = new Gates();
  readonly notices = new Notices();
  /** What operators hold; read whole before the first grant, so that no checkpoint keeps it. */
  readonly controls = new ControlBook();

  constructor(
    readonly lanes: LaneOrder = new FairLanes(LANES.length),
    readonly finished: FinishedCampaigns = new FinishedCampaigns(),
    readonly recentDues: RecentDues = new RecentDues(),
    readonly limits: ChannelLimits = new ChannelLimits(),
  ) {}

  planSlice(value: PlanSlice, now: number): void {
    const frame = value.frame;
    if (!frame || this.finished.get(frame.campaignId)) return;
    const isNew = !this.queues.has(frame.campaignId);
    const queue = this.open(frame.campaignId, frame.tenantId);
    this.setFrame(queue, frame);
    queue.announce(value.slice, value.items, this.room(queue.lane), now);
    if (isNew && value.slice === 0) this.meters.arrived(frame.lane - 1, queue.work.remaining(frame.expectedUnits ?? 0, 0), now);
    this.refresh(queue, now);
    this.finishIfDone(queue);
  }

  planEnd(value: PlanEnd): void {
    // Its slices came before it: an end of something unknown is a repetition, or a plan without anybody.
    const queue = this.queues.get(value.campaignId);
    if (!queue) return;
    queue.slices = value.slices;
    this.finishIfDone(queue);
  }

  /** `version`: of the campaign; an older decision than the one known is ignored. */
  control(value: PlanControl, version: number, now: number): void {
    const finished = this.finished.get(value.campaignId);
    if (finished && (finished.closed || value.kind !== PlanControlKind.CANCEL)) return;
    const queue = this.open(value.campaignId, value.tenantId);
    // The planner asks at the version of the release, whatever agents have decided since; their next decision answers it.
    if (version < queue.controlVersion && value.reason !== EXPANSION) return;
    queue.controlVersion = Math.max(version, queue.controlVersion);
    if (value.kind === PlanControlKind.CANCEL) this.cancel(queue, now);
    else if (value.kind === PlanControlKind.PAUSE) queue.setPaused(true);
    else if (value.kind === PlanControlKind.RESUME) queue.setPaused(false);
    this.refresh(queue, now);
  }

  due(value: DueRecord, now: number): void {
    if (this.finished.get(value.campaignId)?.closed) return;
    const { campaignId, slice } = value;
    for (const { index, n } of value.items) {
      if (this.recentDues.has(campaignId, slice, index, n) || this.outstanding.has(campaignId, slice, index, n)) continue;
      const queue = this.open(campaignId, value.tenantId);
      if (queue.closing) return;
      if (!queue.again.has(slice, index, n)) queue.again.add(slice, n, value.dueAt, [index]);
    }
    const queue = this.queues.get(campaignId);
    if (queue) this.refresh(queue, now);
  }

  attempts(record: AttemptAnswers, now: number): void {
    const queue = this.queues.get(record.campaignId);
    for (const attempt of record.attempts) {
      const grant = this.outstanding.get(record.campaignId, record.slice, attempt.index, attempt.n);
      if (attempt.outcome === Outcome.RETURNED) {
        // A return read again after its item was granted anew names the older tag.
        if (queue && grant && (Number.isNaN(grant.tag) || grant.tag === attempt.tag)) this.givenBack(queue, grant, now);
      } else {
        if (grant) this.answered(grant, attempt, queue, now);
        queue?.again.drop(record.slice, attempt.index, attempt.n);
      }
    }
    if (!queue) return;
    this.refresh(queue, now);
    this.finishIfDone(queue);
  }

  sliceLoaded(campaignId: string, slice: number, all: readonly SliceItem[], inOrder: readonly SliceItem[], now: number): void {
    const queue = this.queues.get(campaignId);
    if (!queue) return;
    queue.again.loaded(slice, all);
    queue.offer(slice, inOrder, this.room(queue.lane));
    this.refresh(queue, now);
    this.finishIfDone(queue);
  }

  /** undefined: no such plan is stored, so nothing of it can be granted. */
  frameLoaded(campaignId: string, frame: CampaignFrame | undefined, now: number): void {
    const queue = this.queues.get(campaignId);
    if (!queue) return;
    if (frame) this.setFrame(queue, frame);
    else this.forsake(queue);
    this.refresh(queue, now);
    this.finishIfDone(queue);
  }

  /** A tenant's weight, budget or quota was changed: its running campaigns go on by the new ones. */
  tenantChanged(tenantId: string, terms: Terms, now: number): void {
    for (const campaignId of this.limits.change(tenantId, terms)) {
      const queue = this.queues.get(campaignId);
      if (!queue || queue.lane === undefined) continue;
      this.lanes.addFlow(queue.lane, tenantId, terms.weight);
      this.refresh(queue, now);
    }
  }

  /** Operators hold or let go on something: rare, so that all campaigns are looked at. */
  controlled(control: OperatorControl, version: number, now: number): void {
    if (!this.controls.apply(control, version)) return;
    for (const queue of this.queues.values()) this.refresh(queue, now);
  }

  /** Says anew where all campaigns of a tenant stand: one of them has used up what they share. */
  refreshTenant(tenantId: string, now: number): void {
    for (const campaignId of this.limits.campaignsOf(tenantId)) {
      const queue = this.queues.get(campaignId);
      if (queue) this.refresh(queue, now);
    }
  }

  /** Paces, quotas and budgets whose time has come let their campaigns go on; call before granting. */
  openGates(now: number): void {
    for (let queue = this.gates.opened(now); queue; queue = this.gates.opened(now)) this.refresh(queue, now);
  }

  /** Ends what has expired and gives up grants nobody answered; call before granting. */
  expire(now: number): void {
    for (let queue = this.index.expired(now); queue; queue = this.index.expired(now)) {
      if (!queue.closing) this.close(queue, 'EXPIRED', now);
      else this.giveUp(queue, now);
    }
  }

  /** Campaigns whose end on this channel the ledger has not been told yet. */
  closings(): CampaignQueue[] {
    return [...this.index.closing];
  }

  /** The ledger knows the close as of `revision`. */
  closePublished(campaignId: string, revision: number): void {
    const queue = this.queues.get(campaignId);
    if (queue?.closing?.revision !== revision) return;
    queue.closing.published = true;
    this.index.closing.delete(queue);
    this.finishIfDone(queue);
  }

  /** Says anew whether the campaign has something to grant now; after every change that may matter. */
  refresh(queue: CampaignQueue, now: number): void {
    const frame = queue.frame;
    if (!frame) return this.settled(queue, now);
    const lane = this.limits.laneOf(queue, now);
    if (queue.lane !== lane) this.moveTo(queue, lane, now);
    const shutUntil = this.shutUntil(queue, now);
    this.settled(queue, now);
    const unanswered = (): number => this.outstanding.countOf(queue.campaignId);
    const backlogged = shutUntil <= now && queue.ready(now) && !this.limits.inFlightReached(queue, unanswered, now);
    this.lanes.setBacklogged(lane, frame.tenantId, queue.campaignId, backlogged);
    if (!backlogged) this.restIfIdle(lane);
  }

  /** Unix ms before which a limit lets nothing more of the campaign go; sees to it that it is looked at again then. */
  private shutUntil(queue: CampaignQueue, now: number): number {
    const { limits } = this;
    const quotaUntil = limits.quotaUntil(queue, now);
    const heldUntil = this.heldUntil(queue, now);
    const shutUntil = Math.max(limits.pacedUntil(queue, now), quotaUntil, heldUntil);
    queue.setAsleep(shutUntil - now > SLEEPS_AFTER_MS);
    const waits = !queue.paused && !queue.closing && (queue.ready(now) || (queue.asleep && (queue.backlog > 0 || !queue.again.empty)));
    const urgentAgainAt = limits.urgentAgainAt(queue, now);
    this.gates.set(queue, waits ? Math.min(shutUntil > now ? shutUntil : Infinity, urgentAgainAt) : Infinity);
    if (waits && heldUntil > now) this.notices.tell(queue, 'HELD_BY_OPERATOR', now);
    if (waits && quotaUntil > now) this.notices.tell(queue, 'QUOTA_REACHED', now);
    if (waits && urgentAgainAt < Infinity) this.notices.tell(queue, 'BEYOND_LIFE_SAFETY_BUDGET', now);
    return shutUntil;
  }

  /** Unix ms until which operators hold it; by its own lane, wherever a limit lets it go on. */
  heldUntil({ frame }: CampaignQueue, now: number): number {
    return frame ? this.controls.heldUntil(frame, now - CLOCKS_APART_MS) + CLOCKS_APART_MS : -Infinity;
  }

  /** Out of one lane's turns and into another's. */
  private moveTo(queue: CampaignQueue, lane: number, now: number): void {
    const { tenantId, campaignId, lane: before } = queue;
    queue.lane = lane;
    this.lanes.addFlow(lane, tenantId, this.limits.weightOf(tenantId));
    if (before === undefined) return;
    this.lanes.setBacklogged(before, tenantId, campaignId, false);
    this.settled(queue, now);
    this.restIfIdle(before);
  }

  /** Keeps the sums and orders over all campaigns right after a change that makes nothing ready (a replay). */
  settled(queue: CampaignQueue, now: number): void {
    this.index.settle(queue, this.outstanding.countOf(queue.campaignId) > 0, now);
  }

  /** What a campaign of the lane may still hold. */
  room(lane: number | undefined): Room {
    const urgent = lane !== undefined && lane < URGENT_LANES;
    const first = this.index.heldItems < MAX_ITEMS_HELD + (urgent ? URGENT_ITEMS_HELD : 0);
    return { first, ahead: first && this.index.slicesAhead < MAX_SLICES_AHEAD };
  }

  open(campaignId: string, tenantId: string): CampaignQueue {
    let queue = this.queues.get(campaignId);
    if (queue) return queue;
    queue = new CampaignQueue(campaignId, tenantId);
    const finished = this.finished.get(campaignId);
    if (finished) {
      // Everything of the plan was granted; what comes now is out of order.
      queue.known = queue.slices = finished.slices;
      queue.cursor = { slice: finished.slices, index: 0 };
    }
    this.queues.set(campaignId, queue);
    return queue;
  }

  setFrame(queue: CampaignQueue, frame: CampaignFrame): void {
    if (queue.frame) return;
    queue.frame = ownFrame(frame);
    // A checkpoint may say another one: a life-safety campaign beyond its budget.
    queue.lane ??= frame.lane - 1;
    this.limits.join(queue);
    this.lanes.addFlow(queue.lane, frame.tenantId, this.limits.weightOf(frame.tenantId));
  }

  /** Without an end, and without a frame that says when it expires, it would stay here for ever. */
  private forsake(queue: CampaignQueue): void {
    queue.again.clear();
    queue.slices = queue.cursor.slice;
    for (const grant of this.outstanding.of(queue.campaignId)) this.settle(grant);
  }

  private answered(grant: OutstandingGrant, attempt: AttemptAnswer, queue: CampaignQueue | undefined, now: number): void {
    this.settle(grant);
    if (!Number.isNaN(grant.tag)) this.lanes.served(grant.lane, grant.tag);
    const known = attempt.cost > 0 || NOT_SENT.has(attempt.outcome);
    if (known && queue) this.lanes.correct(grant.lane, queue.tenantId, attempt.cost - grant.cost);
    this.meters.handedOver(attempt.cost, attempt.n > 1);
    if (known && queue && this.limits.corrected(queue, grant.lane, attempt.cost - grant.cost, false, now))
      this.refreshTenant(queue.tenantId, now);
    this.window.answered(attempt.cost, grant.at > 0 && attempt.submittedAt > 0 ? attempt.submittedAt - grant.at : undefined);
  }

  private givenBack(queue: CampaignQueue, grant: OutstandingGrant, now: number): void {
    this.settle(grant);
    if (this.limits.corrected(queue, grant.lane, -grant.cost, true, now)) this.refreshTenant(queue.tenantId, now);
    // After a close nobody grants it again: the ledger is told that it is no longer outstanding.
    if (queue.closing) this.closeAgain(queue);
    else queue.again.add(grant.slice, grant.n, now, [grant.index]);
  }

  private settle(grant: OutstandingGrant): void {
    this.outstanding.remove(grant.campaignId, grant.slice, grant.index, grant.n);
    this.restIfIdle(grant.lane);
  }

  private cancel(queue: CampaignQueue, now: number): void {
    const { frame, campaignId } = queue;
    if (frame && !queue.closing) this.meters.gaveUp(frame.lane - 1, queue.unitsLeft(this.outstanding.countOf(campaignId)), now);
    this.close(queue, 'CANCELLED', now);
  }

  private close(queue: CampaignQueue, reason: CloseReason, now: number): void {
    queue.close(reason);
    this.refresh(queue, now);
  }

  private giveUp(queue: CampaignQueue, now: number): void {
    for (const grant of this.outstanding.of(queue.campaignId)) this.settle(grant);
    this.closeAgain(queue);
    this.settled(queue, now);
    this.finishIfDone(queue);
  }

  private closeAgain(queue: CampaignQueue): void {
    if (!queue.closing) return;
    queue.closing.published = false;
    queue.closing.revision++;
  }

  private finishIfDone(queue: CampaignQueue): void {
    if (!queue.drained || this.outstanding.countOf(queue.campaignId) > 0) return;
    if (queue.lane !== undefined) this.lanes.setBacklogged(queue.lane, queue.tenantId, queue.campaignId, false);
    this.limits.leave(queue);
    this.gates.remove(queue);
    this.queues.delete(queue.campaignId);
    this.index.remove(queue);
    this.finished.add(queue.campaignId, { slices: queue.slices ?? queue.known, closed: queue.closing !== undefined });
  }

  private restIfIdle(lane: number): void {
    if (this.outstanding.itemsInLane(lane) > 0 || this.lanes.hasBacklog(lane)) return;
    if (!this.index.isBusy(lane)) this.lanes.rest(lane);
  }
}
