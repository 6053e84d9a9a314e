import { seededRandom } from '@tocsin/testing';
import { simulate } from './dispatch.js';
import { DEFAULT_MODEL, type Model, type SimulatedRelease } from './model.js';
import { quantile } from '../world/statistics.js';
import { excessOver } from './statistics.js';

const CITY_CONTACTS = 150_000;
const COMMUNES = 100;
const OVER_MS = 120_000;
const ALERTS = 300;
const LIFE_SAFETY = 0;
const STANDARD = 2;
/** Enough for an alert to each contact of a commune, not for a city's whole register, units at once and a second. */
export const BUDGET = { capacity: 10_000, perSecond: 1 } as const;

export interface UrgencyFigures {
  /** Release to submission of single life-safety messages while a city saturates `standard`, ms. */
  readonly alert: { readonly samples: number; readonly p50: number; readonly p99: number; readonly max: number };
  /** How much later than the fluid ideal (which knows no lanes) 100 communes in `standard` are complete when a city calls its news life-safety, ms. */
  readonly loophole: Readonly<Record<'withoutBudget' | 'withBudget', { readonly p50: number; readonly p99: number }>>;
}

/** What urgency is worth, and what it costs the others when it is misused. */
export function urgency(seed: number): UrgencyFigures {
  const random = seededRandom(seed);
  const city = (lane: number): SimulatedRelease => ({ tenant: 'city', at: 0, contacts: CITY_CONTACTS, cost: 1, weight: 1, lane });
  const one = (tenant: string, lane: number, contacts: number): SimulatedRelease => ({
    tenant,
    at: 5_000 + random() * OVER_MS,
    contacts,
    cost: 1,
    weight: 1,
    lane,
  });
  const alerts = Array.from({ length: ALERTS }, (_, index) => one(`alerted ${index}`, LIFE_SAFETY, 1));
  const places = alerts.map((_, index) => index + 1);
  const calm = simulate({ policy: 'fair', model: DEFAULT_MODEL, seed, releases: [city(STANDARD), ...alerts], awaited: places });
  const waits = alerts.map(({ at }, index) => (calm.completions[index + 1] ?? Infinity) - at);
  const communes = Array.from({ length: COMMUNES }, (_, index) => one(`commune ${index}`, STANDARD, 20 + Math.floor(random() * 481)));
  const misuse = (model: Model): { p50: number; p99: number } => {
    const releases = [city(LIFE_SAFETY), ...communes];
    const awaited = communes.map((_, index) => index + 1);
    const excess = excessOver(releases, awaited, simulate({ policy: 'fair', model, seed, releases, awaited }), model.rate).map(
      (each) => each.excess,
    );
    return { p50: Math.round(quantile(excess, 0.5)), p99: Math.round(quantile(excess, 0.99)) };
  };
  return {
    alert: { samples: ALERTS, p50: tenth(quantile(waits, 0.5)), p99: tenth(quantile(waits, 0.99)), max: tenth(Math.max(...waits)) },
    loophole: { withoutBudget: misuse(DEFAULT_MODEL), withBudget: misuse({ ...DEFAULT_MODEL, budget: BUDGET }) },
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
