import { ArrivalMeter, completionOf, type ChannelLoad, type LaneFlow } from '@tocsin/fairness';
import { simulate } from '../simulate/dispatch.js';
import { DEFAULT_MODEL, LANE_COUNT, type SimulatedRelease } from '../simulate/model.js';
import { mixOf } from './mixes.js';
import type { PlannedSample } from './planner-figures.js';

/** Between two mixes, ms. */
const REST_MS = 2_000;

/** What the planner would have foreseen in so many mixes, one after the other, and what the simulated loop did. */
export function simulatedPlanner(seed: number, mixes: number): PlannedSample[] {
  const samples: PlannedSample[] = [];
  let start = 1_000_000;
  const arrivals = new ArrivalMeter(LANE_COUNT, start);
  for (let mix = 0; mix < mixes; mix++) {
    const releases = mixOf(seed * 1_000 + mix);
    const { submissions, completions } = simulate({ policy: 'fair', model: DEFAULT_MODEL, seed: seed + mix, releases });
    const sentBefore = (place: number, at: number): number => submissions.filter((one) => one.release === place && one.at < at).length;
    releases.forEach((release, place) => {
      const actual = completions[place];
      if (release.asked && actual !== undefined) {
        const flows = flowsOf(
          releases,
          (other) => (releases[other]?.at ?? 0) < release.at,
          (other) => sentBefore(other, release.at),
        );
        const load: ChannelLoad = {
          at: release.at,
          rate: DEFAULT_MODEL.rate,
          drain: 0,
          drainDeviation: 0,
          drainSeenAt: 0,
          againPart: 0,
          flows,
          arrivals: arrivals.lately(start + release.at),
        };
        const own: LaneFlow = { ...release, campaigns: [{ id: 'asked', units: release.contacts }] };
        const band = completionOf('asked', own, load, release.at);
        if (band) samples.push({ mix, at: release.at, ...band, actual });
      }
      arrivals.arrived(release.lane, release.contacts, start + release.at);
    });
    start += Math.max(...completions.map((at) => at ?? 0)) + REST_MS;
  }
  return samples;
}

/** What is left of each release that has begun, its tenant's campaigns together. */
function flowsOf(releases: readonly SimulatedRelease[], begun: (place: number) => boolean, sent: (place: number) => number): LaneFlow[] {
  const flows = new Map<string, { lane: number; tenant: string; weight: number; at: number; campaigns: { id: string; units: number }[] }>();
  releases.forEach(({ lane, tenant, weight, at, contacts }, place) => {
    const units = contacts - sent(place);
    if (!begun(place) || units <= 0) return;
    const key = `${lane}/${tenant}`;
    const flow = flows.get(key) ?? { lane, tenant, weight, at, campaigns: [] };
    flow.campaigns.push({ id: `c${place}`, units });
    flows.set(key, flow);
  });
  return [...flows.values()];
}
