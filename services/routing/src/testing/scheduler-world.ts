import type { Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { Outcome, type AttemptRecord } from '@tocsin/contracts/deliveries/v1/attempts';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import type { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import type { CampaignFrame, PlanControlKind, PlanSlice, TenantTerms } from '@tocsin/contracts/routing/v1/plans';
import { ChannelState } from '../scheduler/channel-state.js';
import { packState, unpackState } from '../scheduler/checkpoint-body.js';
import { newLanes } from '../scheduler/lane-policy.js';
import { replayGrant } from '../scheduler/replay-grant.js';
import { grantTurn, type GrantBatch } from '../scheduler/grant-turn.js';

/** One granted item, as a channel sees it. */
export interface Held {
  readonly campaign: string;
  readonly slice: number;
  readonly index: number;
  readonly n: number;
  readonly tag: number;
  readonly cost: number;
  readonly lane: number;
  /** Its place in the channel's window. */
  readonly order: readonly [lane: number, tag: number];
  readonly share: number;
  /** Unix ms of its grant. */
  readonly at: number;
}

interface FrameOptions {
  readonly tenant?: string;
  readonly lane?: Lane;
  readonly weight?: number;
  readonly expiresAt?: number;
  readonly pace?: Pace;
  readonly terms?: Partial<TenantTerms>;
  readonly estimate?: number;
}

/** A channel with four shares of one route, a scheduler and a clock that moves only when told: for tests of what is granted when. */
export class SchedulerWorld {
  state: ChannelState;
  now = 1_000_000;
  readonly held: Held[] = [];
  readonly granted: Held[] = [];
  readonly answers: AttemptRecord[] = [];
  readonly records: { readonly record: GrantRecord; readonly lane: number; readonly share: number }[] = [];

  constructor(
    readonly rate = 500,
    readonly floors?: readonly number[],
  ) {
    this.state = new ChannelState(newLanes('fair', floors));
    this.report();
  }

  report(): void {
    this.state.shares.report(
      {
        channel: 'sms',
        instanceId: 'one',
        shares: [0, 1, 2, 3],
        routes: [{ routeId: 'r', bound: true, ratePerSecond: this.rate }],
        held: [],
        drainRate: 0,
        roundTrip: 20,
        inDoubt: 0,
        reportedAt: this.now,
      },
      this.now,
    );
  }

  frame(campaignId: string, options: FrameOptions = {}): CampaignFrame {
    const { pace, terms, estimate } = options;
    return {
      pace,
      terms: terms && { version: 1, lifeSafetyUnits: 0, unitsPerDay: 0, unitsPerMinute: 0, ...terms },
      estimatedRecipients: estimate,
      campaignId,
      tenantId: options.tenant ?? campaignId,
      channel: 'sms',
      lane: options.lane ?? Lane.STANDARD,
      status: Status.ACTUAL,
      expiresAt: options.expiresAt ?? this.now + 3_600_000,
      message: undefined,
      sealKey: undefined,
      weight: options.weight ?? 1,
      purpose: 'alert',
      smsSender: '',
      mailFrom: '',
      tenantName: '',
      releasedAt: this.now,
    };
  }

  slice(frame: CampaignFrame, slice: number, count: number, cost = 1): PlanSlice {
    const items = Array.from({ length: count }, (_, index) => ({
      index,
      box: Buffer.from(`${frame.campaignId}/${slice}/${index}`),
      addressHash: Buffer.alloc(0),
      domainHash: Buffer.alloc(0),
      cost,
      n: 1,
    }));
    return { frame, slice, items };
  }

  /** Announces a whole plan of slices of `size` recipients. */
  plan(frame: CampaignFrame, recipients: number, size = 250, cost = 1): void {
    let slice = 0;
    for (let left = recipients; left > 0; left -= size)
      this.state.planSlice(this.slice(frame, slice++, Math.min(size, left), cost), this.now);
    this.state.planEnd({ campaignId: frame.campaignId, tenantId: frame.tenantId, channel: 'sms', slices: slice });
  }

  control(campaignId: string, kind: PlanControlKind, version = 1, reason = ''): void {
    this.state.control({ campaignId, tenantId: campaignId, channel: 'sms', kind, reason }, version, this.now);
  }

  /** Contents the cursor wants are loaded at once, as a fast store would. */
  load(size = 250, frames: Record<string, CampaignFrame> = {}): void {
    for (const queue of this.state.queues.values()) {
      const known = frames[queue.campaignId];
      if (known) this.state.frameLoaded(queue.campaignId, known, this.now);
      const frame = queue.frame;
      if (!frame) continue;
      for (const slice of [...queue.wanted(this.state.room(queue.lane)), ...queue.again.wanted(this.now)]) {
        const { items } = this.slice(frame, slice, size);
        this.state.sliceLoaded(queue.campaignId, slice, items, items, this.now);
      }
    }
  }

  turn(): Held[] {
    const batches = grantTurn(this.state, this.now);
    const held = batches.flatMap((batch) => this.keep(batch));
    this.held.push(...held);
    this.granted.push(...held);
    return held;
  }

  answer(held: Held, outcome: Outcome = Outcome.ACCEPTED, cost = held.cost): void {
    const attempt = {
      index: held.index,
      n: held.n,
      outcome,
      reason: '',
      retryable: false,
      provider: '',
      providerCode: '',
      providerIds: [],
      submittedAt: this.now,
      answeredAt: this.now,
      tag: held.tag,
      cost,
      possibleDuplicate: false,
      addressHash: Buffer.alloc(0),
      share: held.share,
      domainHash: Buffer.alloc(0),
      route: '',
      doubtResolved: false,
    };
    const record = {
      campaignId: held.campaign,
      tenantId: this.state.queues.get(held.campaign)?.tenantId ?? held.campaign,
      slice: held.slice,
      channel: 'sms',
      attempts: [attempt],
      lane: held.lane + 1,
      traceparent: '',
    };
    this.answers.push(record);
    this.state.attempts(record, this.now);
    const place = this.held.indexOf(held);
    if (place >= 0) this.held.splice(place, 1);
  }

  /** The channel submits `count` items of its window: by lane, then by tag. */
  serve(count: number): Held[] {
    const next = [...this.held].sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]).slice(0, count);
    for (const held of next) this.answer(held);
    return next;
  }

  /** Runs at the route's rate for `ms`, with a turn every `step` ms. */
  run(ms: number, size = 250, step = 10): Held[] {
    const served: Held[] = [];
    for (let passed = 0; passed < ms; passed += step) {
      this.now += step;
      if (passed % 1_000 === 0) this.report();
      served.push(...this.serve(Math.round((this.rate * step) / 1_000)));
      this.load(size);
      this.turn();
    }
    return served;
  }

  /** Dies and is taken over from this checkpoint: what was granted and answered since is folded again. */
  takeOver(checkpoint: string, recordsSince: number, answersSince = this.answers.length): void {
    this.state = unpackState(checkpoint, 'fair', this.floors);
    for (const { record, lane, share } of this.records.slice(recordsSince)) replayGrant(this.state, record, lane, share);
    for (const answer of this.answers.slice(answersSince)) this.state.attempts(answer, this.now);
    this.report();
  }

  checkpoint(): string {
    return packState(this.state);
  }

  private keep(batch: GrantBatch): Held[] {
    const { frame, lane, share, items } = batch;
    this.records.push({ record: { frame, items, routeClass: '', grantedAt: this.now }, lane, share });
    return items.map(({ slice, item, tag, orderLane, orderTag }) => ({
      campaign: frame.campaignId,
      slice,
      index: item?.index ?? -1,
      n: item?.n ?? -1,
      tag,
      cost: item?.cost ?? 0,
      lane,
      order: [orderLane === undefined ? lane : orderLane - 1, orderTag ?? tag],
      share,
      at: this.now,
    }));
  }
}
