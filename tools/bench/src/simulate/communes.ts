import { seededRandom } from '@tocsin/testing';
import { simulate } from './dispatch.js';
import { DEFAULT_MODEL, type Policy, type SimulatedRelease } from './model.js';
import { quantile } from '../world/statistics.js';
import { excessOver, mostInASecond, type Excess } from './statistics.js';

const CITY_CONTACTS = 150_000;
const STANDARD = 2;
/** A commune is allowed this part of its ideal time, or these ms, beyond the ideal (issue 5). */
const ALLOWED_PART = 0.1;
const ALLOWED_MS = 300;

export interface CommuneCase {
  readonly title: string;
  readonly communes: number;
  /** Runs with seeds of their own, pooled. */
  readonly runs: number;
  /** When each arrives, ms after the city. */
  readonly arrival: (index: number, random: () => number) => number;
}

/** Over the two minutes after the city, which alone takes five. */
const ARRIVALS_MS = 120_000;

export const CASES: readonly CommuneCase[] = [
  // Alone beside the city: the next comes when the one before is through (500 contacts at half the rate take 2 s).
  { title: '1 at a time', communes: 100, runs: 2, arrival: (index, random) => 2_000 + index * 2_800 + random() * 600 },
  { title: '100', communes: 100, runs: 2, arrival: (_, random) => 2_000 + random() * ARRIVALS_MS },
  { title: '1,000', communes: 1_000, runs: 1, arrival: (_, random) => 2_000 + random() * ARRIVALS_MS },
];

export interface CommuneFigures {
  readonly case: string;
  readonly policy: Policy;
  readonly samples: number;
  readonly p50IdealMs: number;
  readonly p50ExcessMs: number;
  readonly p99ExcessMs: number;
  readonly maxExcessMs: number;
  /** Worst of excess / max(10 % of ideal, 300 ms): 1 or less = every commune within what it is allowed; and its p99. */
  readonly p99OfAllowed: number;
  readonly mostInASecond: number;
  readonly mostOutstanding: number;
  readonly excesses: readonly Excess[];
}

/** A city drains while communes of 20 to 500 contacts arrive at random, each a tenant of its own with the same weight. */
export function communesBesideACity(one: CommuneCase, policy: Policy, seed: number): CommuneFigures {
  const excesses: Excess[] = [];
  let [second, outstanding] = [0, 0];
  for (let run = 0; run < one.runs; run++) {
    const releases = releasesOf(one, seed + run);
    const communes = releases.map((_, place) => place).slice(1);
    const simulated = simulate({ policy, model: DEFAULT_MODEL, seed: seed + run, releases, awaited: communes });
    excesses.push(...excessOver(releases, communes, simulated, DEFAULT_MODEL.rate));
    second = Math.max(second, mostInASecond(simulated));
    outstanding = Math.max(outstanding, simulated.mostOutstanding);
  }
  const excess = excesses.map((each) => each.excess);
  const ofAllowed = excesses.map((each) => each.excess / Math.max(ALLOWED_PART * each.ideal, ALLOWED_MS));
  return {
    case: one.title,
    policy,
    samples: excesses.length,
    p50IdealMs: Math.round(
      quantile(
        excesses.map((each) => each.ideal),
        0.5,
      ),
    ),
    p50ExcessMs: Math.round(quantile(excess, 0.5)),
    p99ExcessMs: Math.round(quantile(excess, 0.99)),
    maxExcessMs: Math.round(Math.max(...excess)),
    p99OfAllowed: Math.round(quantile(ofAllowed, 0.99) * 100) / 100,
    mostInASecond: second,
    mostOutstanding: outstanding,
    excesses,
  };
}

function releasesOf(one: CommuneCase, seed: number): SimulatedRelease[] {
  const random = seededRandom(seed);
  const city = { tenant: 'city', at: 0, contacts: CITY_CONTACTS, cost: 1, weight: 1, lane: STANDARD };
  const communes = Array.from({ length: one.communes }, (_, index) => ({
    tenant: `commune ${index}`,
    at: one.arrival(index, random),
    contacts: 20 + Math.floor(random() * 481),
    cost: 1,
    weight: 1,
    lane: STANDARD,
  }));
  return [city, ...communes];
}
