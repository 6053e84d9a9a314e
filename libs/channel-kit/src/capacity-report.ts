import { TOPICS, record, type OutgoingRecord } from '@tocsin/contracts';
import { Capacity } from '@tocsin/contracts/channels/v1/channels';
import type { DrainMeter } from './pipeline/drain-meter.js';
import type { HeldWindow } from './pipeline/held-window.js';
import type { InDoubt } from './pipeline/in-doubt.js';
import type { PacedRoute } from './pipeline/paced-route.js';

export interface CapacityFacts {
  readonly channel: string;
  readonly instanceId: string;
  readonly shares: readonly number[];
  readonly routes: readonly PacedRoute[];
  readonly window: HeldWindow;
  readonly meter: DrainMeter;
  readonly inDoubt: InDoubt;
  /** Unix ms and monotonic ms. */
  readonly now: number;
  readonly monotonic: number;
}

/** What an instance tells the scheduler once a second: its shares, its routes as far as they can be used, what it holds and how fast it drains. */
export function capacityReport(facts: CapacityFacts): OutgoingRecord {
  const value = Capacity.fromPartial({
    channel: facts.channel,
    instanceId: facts.instanceId,
    shares: [...facts.shares],
    routes: facts.routes.map((route) => ({
      routeId: route.driver.routeId,
      bound: route.usable(),
      ratePerSecond: route.rate(),
    })),
    held: facts.shares.map((share) => facts.window.countOf(share)),
    drainRate: facts.meter.rate(facts.monotonic),
    roundTrip: facts.meter.medianRoundTrip(),
    inDoubt: facts.inDoubt.total,
    reportedAt: facts.now,
  });
  return record(TOPICS.capacity.name, facts.channel, 'tocsin.channels.v1.Capacity', value, { tenantId: '', occurredAt: facts.now });
}
