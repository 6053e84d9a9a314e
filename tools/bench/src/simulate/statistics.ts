import { fluidCompletion } from '@tocsin/fairness';
import type { Simulated } from './dispatch.js';
import type { SimulatedRelease } from './model.js';

/** Of one release: when it should have ended and how much later it did, ms. */
export interface Excess {
  readonly ideal: number;
  readonly excess: number;
}

/** Completion against the fluid ideal, which shares the rate continuously by weight and knows no delay of any loop. */
export function excessOver(
  releases: readonly SimulatedRelease[],
  places: readonly number[],
  { completions }: Simulated,
  rate: number,
): Excess[] {
  const ideal = fluidCompletion(
    releases.map(({ at, contacts, cost, weight }, index) => ({ id: String(index), at, amount: contacts * cost, weight })),
    rate,
  );
  return places.flatMap((place) => {
    const [end, ended, release] = [ideal.get(String(place)), completions[place], releases[place]];
    if (end === undefined || ended === undefined || !release) return [];
    return [{ ideal: end - release.at, excess: ended - end }];
  });
}

/** Units submitted by each release between two moments. */
export function unitsBetween({ submissions }: Simulated, from: number, to: number): Map<number, number> {
  const units = new Map<number, number>();
  for (const { at, release, cost } of submissions) if (at >= from && at < to) units.set(release, (units.get(release) ?? 0) + cost);
  return units;
}

/** Most units in any sliding second. */
export function mostInASecond({ submissions }: Simulated): number {
  let [most, inside, first] = [0, 0, 0];
  for (const { at, cost } of submissions) {
    inside += cost;
    for (let oldest = submissions[first]; oldest && oldest.at <= at - 1_000; oldest = submissions[++first]) inside -= oldest.cost;
    most = Math.max(most, inside);
  }
  return most;
}
