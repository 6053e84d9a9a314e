import { simulate, type Simulated } from './dispatch.js';
import { DEFAULT_MODEL, type SimulatedRelease } from './model.js';
import { unitsBetween } from './statistics.js';

const SECOND = 1_000;
const CITY_CONTACTS = 150_000;
const STANDARD = 2;
const SECOND_CITY_AT = 30;
const WATCHED_UNTIL = 100;
/** After both run, s: the second city's head start over the granted window is given in its own figure. */
const SETTLED_AT = 35;

export interface ShareFigures {
  readonly twoCities: {
    /** Part of the second city from 5 s after its release to 100 s, in percent of both. */
    readonly partOfSecond: number;
    /** Greatest difference between the two within any sliding second, units. */
    readonly mostApartInASecond: number;
    /** Units of each by second, from the first city's release on. */
    readonly bySecond: readonly (readonly [number, number])[];
    readonly use: number;
  };
  /** Units over 10 s as a part of what weights 1, 2, 5 say. */
  readonly weights: Readonly<Record<string, number>>;
}

/** Two cities, the second 30 s later with messages of three segments; and three tenants of weights 1, 2, 5. */
export function shares(seed: number): ShareFigures {
  const release = (tenant: string, at: number, weight: number, cost = 1): SimulatedRelease => ({
    tenant,
    at,
    contacts: CITY_CONTACTS,
    cost,
    weight,
    lane: STANDARD,
  });
  const cities = simulate({
    policy: 'fair',
    model: DEFAULT_MODEL,
    seed,
    releases: [release('first city', 0, 1), release('second city', SECOND_CITY_AT * SECOND, 1, 3)],
    until: WATCHED_UNTIL * SECOND,
  });
  const bySecond = Array.from({ length: WATCHED_UNTIL }, (_, second) => {
    const units = unitsBetween(cities, second * SECOND, (second + 1) * SECOND);
    return [units.get(0) ?? 0, units.get(1) ?? 0] as const;
  });
  const settled = unitsBetween(cities, SETTLED_AT * SECOND, WATCHED_UNTIL * SECOND);
  const both = (settled.get(0) ?? 0) + (settled.get(1) ?? 0);
  const weights = [1, 2, 5];
  const three = simulate({
    policy: 'fair',
    model: DEFAULT_MODEL,
    seed,
    releases: weights.map((weight) => release(`weight ${weight}`, 0, weight)),
    until: 15 * SECOND,
  });
  const given = unitsBetween(three, 5 * SECOND, 15 * SECOND);
  const total = [...given.values()].reduce((sum, units) => sum + units, 0);
  return {
    twoCities: {
      partOfSecond: percent((settled.get(1) ?? 0) / both),
      mostApartInASecond: mostApart(cities, SETTLED_AT * SECOND),
      bySecond,
      use: percent(both / (DEFAULT_MODEL.rate * (WATCHED_UNTIL - SETTLED_AT))),
    },
    weights: Object.fromEntries(weights.map((weight, place) => [weight, percent((given.get(place) ?? 0) / ((total * weight) / 8))])),
  };
}

function mostApart({ submissions }: Simulated, from: number): number {
  const later = submissions.filter(({ at }) => at >= from);
  const signed = ({ release, cost }: { readonly release: number; readonly cost: number }): number => (release === 0 ? cost : -cost);
  let [lead, most, first] = [0, 0, 0];
  for (const one of later) {
    lead += signed(one);
    for (let oldest = later[first]; oldest && oldest.at <= one.at - SECOND; oldest = later[++first]) lead -= signed(oldest);
    // Only whole seconds count: before the first is over, the window is still filling.
    if (one.at >= from + SECOND) most = Math.max(most, Math.abs(lead));
  }
  return most;
}

function percent(part: number): number {
  return Math.round(part * 10_000) / 100;
}
