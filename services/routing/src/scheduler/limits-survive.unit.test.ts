import { describe, expect, it, vi } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { seededRandom } from '@tocsin/testing';
import { SchedulerWorld, type Held } from '../testing/scheduler-world.js';
import { ChannelLimits } from './channel-limits.js';

const LIFE_SAFETY = Lane.LIFE_SAFETY - 1;
const MAX_COST = 3;
const STEPS = 400;
const BUDGET = 2_000;
const QUOTA = 1_500;
const A_MINUTE = 300;
const DAY_S = 86_400;

/** Three tenants, each with one kind of limit, on a channel whose scheduler dies again and again, long before or right after a checkpoint. */
class Dying {
  readonly world = new SchedulerWorld(400);
  private readonly random: () => number;
  private readonly frames: Record<string, CampaignFrame> = {};
  private saved = { checkpoint: this.world.checkpoint(), records: 0, answers: 0 };

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const { world, frames } = this;
    const loud = { tenant: 'loud', lane: Lane.LIFE_SAFETY, terms: { lifeSafetyUnits: BUDGET } };
    for (const id of ['flood', 'flood2']) frames[id] = world.frame(id, loud);
    frames['day'] = world.frame('day', { terms: { unitsPerDay: QUOTA } });
    frames['desk'] = world.frame('desk', { pace: { perMinute: A_MINUTE, spreadSeconds: 0 } });
    for (const frame of Object.values(frames)) world.plan(frame, 3_000);
    world.turn();
    this.save();
  }

  run(killed: (dying: Dying) => void): Held[] {
    for (let step = 0; step < STEPS; step++) {
      this.world.run(20 + 20 * Math.floor(this.random() * 10), 250, 20);
      if (this.random() < 0.3) this.save();
      if (this.random() >= 0.2) continue;
      killed(this);
      // The store has the frames, as after any takeover.
      this.world.load(250, this.frames);
    }
    return this.world.granted;
  }

  die(): void {
    this.world.takeOver(this.saved.checkpoint, this.saved.records, this.saved.answers);
  }

  /** The accounts are not in the checkpoint: everybody starts with a full one. */
  dieForgetting(): void {
    const body = JSON.parse(this.saved.checkpoint) as { limits: { accounts: unknown[] } };
    body.limits.accounts = [];
    this.world.takeOver(JSON.stringify(body), this.saved.records, this.saved.answers);
  }

  /** What was granted since the checkpoint is taken over and not charged. */
  dieUncharged(): void {
    const uncharged = vi.spyOn(ChannelLimits.prototype, 'granted').mockReturnValue(false);
    this.die();
    uncharged.mockRestore();
  }

  private save(): void {
    this.saved = { checkpoint: this.world.checkpoint(), records: this.world.records.length, answers: this.world.answers.length };
  }
}

/** Over every interval at most capacity + flow x time + one item of each campaign. */
function hold(
  items: readonly Held[],
  what: string,
  { capacity, perSecond }: { capacity: number; perSecond: number },
  campaigns: number,
): void {
  let least = Infinity;
  let units = 0;
  for (const item of items) {
    // The most that any interval ending here holds, in one pass: units so far less what had flowed by its beginning.
    least = Math.min(least, units - (perSecond * item.at) / 1_000);
    units += item.cost;
    const most = units - (perSecond * item.at) / 1_000 - least;
    if (most > capacity + campaigns * MAX_COST + 1e-6)
      throw new Error(`${what}: ${most} units in some interval, ${capacity} allowed at once`);
  }
}

function limitsHold(seed: number, killed: (dying: Dying) => void): void {
  const granted = new Dying(seed).run(killed);
  const of = (...ids: string[]): Held[] => granted.filter(({ campaign }) => ids.includes(campaign));
  const urgent = of('flood', 'flood2').filter(({ lane }) => lane === LIFE_SAFETY);
  hold(urgent, 'life-safety budget', { capacity: BUDGET, perSecond: BUDGET / DAY_S }, 2);
  hold(of('day'), 'quota', { capacity: QUOTA, perSecond: QUOTA / DAY_S }, 1);
  hold(of('desk'), 'pace', { capacity: 1, perSecond: A_MINUTE / 60 }, 1);
  // Nobody is kept back either: what the limits leave has gone.
  expect(of('flood', 'flood2')).toHaveLength(6_000);
  expect(of('day').length).toBeGreaterThanOrEqual(QUOTA);
}

describe('limits of a channel whose scheduler is killed over and over', () => {
  it.each([1, 2, 3])('are filled by no crash, and lose nobody (seed %i)', (seed) => {
    limitsHold(seed, (dying) => dying.die());
  });

  it('without the accounts in the checkpoint it is noticed', () => {
    expect(() => limitsHold(1, (dying) => dying.dieForgetting())).toThrow(/in some interval/);
  });

  it('without the grants since the checkpoint it is noticed', () => {
    expect(() => limitsHold(1, (dying) => dying.dieUncharged())).toThrow(/in some interval/);
  });
});
