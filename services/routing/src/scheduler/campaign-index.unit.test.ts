import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlanControlKind, type CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { LANES } from '@tocsin/contracts';
import { seededRandom } from '@tocsin/testing';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import { AGAIN_SLICES_AHEAD } from './again-list.js';
import { OUTSTANDING_SLACK_MS } from './campaign-index.js';
import type { ChannelState } from './channel-state.js';
import { refreshDue, wantsOf } from './channel-wants.js';

const LANES_USED = [Lane.LIFE_SAFETY, Lane.STANDARD, Lane.BULK] as const;
const CAMPAIGNS = 12;
const STEPS = 600;

/** What the index keeps, found by walking every campaign: slow, and plainly right. */
function walked(state: ChannelState, now: number) {
  const queues = [...state.queues.values()];
  const outstanding = (id: string): boolean => state.outstanding.countOf(id) > 0;
  const open = queues.filter((queue) => queue.frame && !queue.paused && !queue.closing);
  const moments = queues.flatMap((queue) => {
    const expiresAt = queue.frame?.expiresAt ?? 0;
    const ends = !queue.closing ? [expiresAt] : outstanding(queue.campaignId) ? [expiresAt + OUTSTANDING_SLACK_MS] : [];
    const dues = queue.again.all();
    // Who has as many slices due as may be held is woken by what is granted of them, not by time.
    const full = new Set(dues.filter(({ dueAt }) => dueAt <= now).map(({ slice }) => slice)).size >= AGAIN_SLICES_AHEAD;
    const later = full ? [] : dues.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt > now);
    return [...(expiresAt > 0 ? ends : []), ...later];
  });
  const ids = (of: typeof queues): string[] => of.map((queue) => queue.campaignId).sort();
  return {
    held: queues.reduce((sum, queue) => sum + queue.held.items, 0),
    ahead: queues.reduce((sum, queue) => sum + queue.held.slicesAhead, 0),
    backlog: LANES.map((_, lane) => queues.reduce((sum, queue) => sum + (queue.lane === lane ? queue.backlog : 0), 0)),
    busy: LANES.map((_, lane) => queues.some((queue) => queue.lane === lane && (queue.backlog > 0 || !queue.again.empty))),
    closing: ids(queues.filter((queue) => queue.closing && !queue.closing.published)),
    unframed: ids(queues.filter((queue) => !queue.frame && (queue.backlog > 0 || !queue.again.empty || outstanding(queue.campaignId)))),
    hungry: ids(open.filter((queue) => queue.wanted({ first: true, ahead: false }).length > 0 || queue.again.wanted(now).length > 0)),
    hungryAhead: ids(open.filter((queue) => queue.wanted({ first: true, ahead: true }).some((slice) => slice > queue.cursor.slice))),
    soonest: moments.length > 0 ? Math.min(...moments) : Infinity,
  };
}

function kept(state: ChannelState) {
  const { index } = state;
  const ids = (of: Iterable<{ readonly campaignId: string }>): string[] => [...of].map((queue) => queue.campaignId).sort();
  return {
    held: index.heldItems,
    ahead: index.slicesAhead,
    backlog: LANES.map((_, lane) => index.backlogOf(lane)),
    busy: LANES.map((_, lane) => index.isBusy(lane)),
    closing: ids(index.closing),
    unframed: ids(index.unframed.all()),
    hungry: ids(index.hungry.all()),
    hungryAhead: ids(index.hungryAhead.all()),
  };
}

/** Campaigns come, are granted, fail, are retried, paused, cancelled, expire and are taken over, in an order a seed decides. */
class Churn {
  readonly world = new SchedulerWorld();
  private readonly frames = new Map<string, CampaignFrame>();
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  step(): void {
    const { world } = this;
    const id = `cmp${this.upTo(CAMPAIGNS)}`;
    switch (this.upTo(12)) {
      case 0:
      case 1:
        world.plan(this.frame(id), 1 + this.upTo(1_200));
        break;
      case 2:
        world.state.planSlice(world.slice(this.frame(id), this.upTo(3), this.upTo(250)), world.now);
        break;
      case 3:
        world.state.due(this.due(id), world.now);
        break;
      case 4:
        world.control(id, [PlanControlKind.PAUSE, PlanControlKind.RESUME, PlanControlKind.CANCEL][this.upTo(3)] ?? 0, this.upTo(100));
        break;
      case 5:
        for (const queue of world.state.closings()) world.state.closePublished(queue.campaignId, queue.closing?.revision ?? 0);
        break;
      case 6:
        world.load(250, Object.fromEntries(this.frames));
        break;
      case 7:
        this.answerSome();
        break;
      case 8:
        if (this.upTo(10) === 0) world.takeOver(world.checkpoint(), world.records.length - this.upTo(5));
        break;
      default:
        world.now += this.upTo(900);
        world.report();
        world.turn();
    }
  }

  private answerSome(): void {
    const outcomes = [Outcome.ACCEPTED, Outcome.FAILED, Outcome.RETURNED];
    for (let left = this.upTo(300); left > 0 && this.world.held.length > 0; left--) {
      const held = this.world.held[this.upTo(this.world.held.length)];
      if (held) this.world.answer(held, outcomes[this.upTo(3)], held.cost);
    }
  }

  private due(campaignId: string) {
    const items = Array.from({ length: 1 + this.upTo(5) }, () => ({ index: this.upTo(250), n: 2 + this.upTo(3) }));
    const dueAt = this.world.now - 500 + this.upTo(5_000);
    return { campaignId, tenantId: campaignId, channel: 'sms', slice: this.upTo(5), items, dueAt, reason: 'RETRY' };
  }

  private frame(id: string): CampaignFrame {
    let frame = this.frames.get(id);
    if (frame && frame.expiresAt > this.world.now) return frame;
    const options = { lane: LANES_USED[this.upTo(3)] ?? Lane.BULK, expiresAt: this.world.now + 1_000 + this.upTo(120_000) };
    this.frames.set(id, (frame = this.world.frame(id, options)));
    return frame;
  }

  private upTo(bound: number): number {
    return Math.floor(this.random() * bound);
  }
}

describe('what a turn asks about all campaigns', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is what walking every campaign finds, whatever happened to them (seed %i)', (seed) => {
    const churn = new Churn(seed);
    for (let step = 0; step < STEPS; step++) {
      churn.step();
      const { state, now } = churn.world;
      refreshDue(state, now);
      const { soonest, ...truth } = walked(state, now);
      expect({ step, ...kept(state) }).toEqual({ step, ...truth });
      expect(state.index.nextMoment() ?? Infinity).toBeLessThanOrEqual(soonest);
      const waiting = state.lanes.snapshot().lanes.map(({ flows }) => new Set(flows.flatMap(({ campaigns }) => campaigns)));
      for (const queue of state.queues.values()) {
        if (!queue.frame || queue.lane === undefined || !queue.ready(now)) continue;
        expect(waiting[queue.lane]?.has(queue.campaignId), `step ${step}: ${queue.campaignId}`).toBe(true);
      }
    }
  });

  it('names what to read, slices without which nothing goes on before those ahead', () => {
    const world = new SchedulerWorld();
    world.plan(world.frame('city'), 2_000);
    world.turn();
    const behind = world.state.queues.get('city');
    if (!behind) throw new Error('no campaign');
    world.state.control({ campaignId: 'town', tenantId: 'town', channel: 'sms', kind: PlanControlKind.PAUSE, reason: '' }, 1, world.now);
    world.plan(world.frame('town'), 600);
    world.control('town', PlanControlKind.PAUSE, 2);
    world.control('town', PlanControlKind.RESUME, 3);
    const wants = [...wantsOf(world.state, world.now)];
    expect(wants[0]).toEqual({ campaignId: 'town', slice: 0 });
    expect(wants.slice(1)).toEqual(expect.arrayContaining([{ campaignId: 'town', slice: 1 }]));
    expect(wants.filter((want) => want.campaignId === 'city').every(({ slice }) => (slice ?? 0) > behind.cursor.slice)).toBe(true);
  });

  it('is read for an alert before thousands of newsletters, whoever waits longer', () => {
    const world = new SchedulerWorld();
    const frames: Record<string, CampaignFrame> = {};
    for (let count = 0; count < 20; count++) frames[`news${count}`] = world.frame(`news${count}`, { lane: Lane.BULK });
    frames['alert'] = world.frame('alert', { lane: Lane.LIFE_SAFETY });
    for (const frame of Object.values(frames)) world.plan(frame, 500);
    world.takeOver(world.checkpoint(), world.records.length);
    expect(wantsOf(world.state, world.now).next().value).toEqual({ campaignId: 'alert', slice: undefined });
    world.state.frameLoaded('alert', frames['alert'], world.now);
    expect(wantsOf(world.state, world.now).next().value).toEqual({ campaignId: 'alert', slice: 0 });
  });
});
