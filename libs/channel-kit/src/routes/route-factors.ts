import { FULL_POINTS, TRICKLE } from './route-points.js';

/** One route as its part of the traffic is reckoned. */
export interface RoutePart {
  /** At rest, in any unit common to the channel's routes. */
  readonly weight: number;
  /** Used only as far as the others have lost points or are gone. */
  readonly standby: boolean;
  readonly usable: boolean;
  /** 0 to 100. */
  readonly points: number;
}

/**
 * What part of its own weight and rate each route is used at, 0 to 1. Pure. The best of the main routes is used in full whatever its points, so that a channel whose
 * every route is weak still sends what it can; one without points keeps a trickle; a standby makes up for what the best main route lacks.
 */
export function routeFactors(parts: readonly RoutePart[]): number[] {
  const best = (standby: boolean): number =>
    parts.reduce((most, part) => (part.usable && part.standby === standby ? Math.max(most, part.points) : most), -1);
  const [main, spare] = [best(false), best(true)];
  // Beside a standby that works, main routes count by their own points: what they lack is not theirs to make up.
  const scale = spare > 0 ? FULL_POINTS : Math.max(main, 1);
  const lacking = main < 0 ? 1 : 1 - main / FULL_POINTS;
  const factors = parts.map((part) => {
    if (!part.usable) return 0;
    if (!part.standby) return main <= 0 && spare <= 0 ? 1 : part.points / scale;
    return (main < 0 || main === 0) && spare === 0 ? 1 : (lacking * part.points) / Math.max(spare, 1);
  });
  return factors.map((factor, at) => (factor > 0 ? factor : trickleOf(parts, factors, at)));
}

function trickleOf(parts: readonly RoutePart[], factors: readonly number[], at: number): number {
  const part = parts[at];
  // A standby at rest is watched by its link tests.
  if (!part?.usable || (part.standby && part.points > 0)) return 0;
  const others = parts.reduce((sum, other, place) => sum + (factors[place] ?? 0) * other.weight, 0);
  return part.weight > 0 ? Math.min(TRICKLE, (TRICKLE * others) / part.weight) : 0;
}
