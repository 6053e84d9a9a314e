import { seededRandom } from '@tocsin/testing';
import { simulate } from './dispatch.js';
import { DEFAULT_MODEL, type Policy, type SimulatedRelease } from './model.js';
import { quantile } from '../world/statistics.js';
import { excessOver, unitsBetween } from './statistics.js';

/** Cost units; the middle one is what the formula gives for the model's loop. */
const WINDOWS = [26, 52, 104, 208, 416] as const;
const COMMUNES = 60;
const STANDARD = 2;
const WATCHED_MS = { from: 10_000, to: 160_000 } as const;

export interface WindowFigures {
  readonly window: number;
  /** The window in time of the provider, ms. */
  readonly windowMs: number;
  /** Units submitted of those the rate allows while the city has a backlog, percent. */
  readonly use: number;
  readonly p50ExcessMs: number;
  readonly p99ExcessMs: number;
  /** The same with virtual time as granted: it should grow with the window. */
  readonly p50ExcessAsGrantedMs: number;
}

/** What the size of the granted window does to lone communes and to the provider's use. */
export function windows(seed: number): WindowFigures[] {
  return WINDOWS.map((window) => {
    const built = loneCommunes('fair', window, seed);
    return {
      window,
      windowMs: (window * 1_000) / DEFAULT_MODEL.rate,
      use: built.use,
      p50ExcessMs: built.p50,
      p99ExcessMs: built.p99,
      p50ExcessAsGrantedMs: loneCommunes('fair, virtual time as granted', window, seed).p50,
    };
  });
}

function loneCommunes(policy: Policy, window: number, seed: number): { use: number; p50: number; p99: number } {
  const random = seededRandom(seed);
  const release = (tenant: string, at: number, contacts: number): SimulatedRelease => ({
    tenant,
    at,
    contacts,
    cost: 1,
    weight: 1,
    lane: STANDARD,
  });
  const communes = Array.from({ length: COMMUNES }, (_, index) =>
    release(`commune ${index}`, 2_000 + index * 2_800 + random() * 600, 20 + Math.floor(random() * 481)),
  );
  const releases = [release('city', 0, 150_000), ...communes];
  const awaited = communes.map((_, index) => index + 1);
  const simulated = simulate({ policy, model: { ...DEFAULT_MODEL, window }, seed, releases, awaited });
  const excess = excessOver(releases, awaited, simulated, DEFAULT_MODEL.rate).map((one) => one.excess);
  const units = [...unitsBetween(simulated, WATCHED_MS.from, WATCHED_MS.to).values()].reduce((sum, one) => sum + one, 0);
  const allowed = (DEFAULT_MODEL.rate * (WATCHED_MS.to - WATCHED_MS.from)) / 1_000;
  return {
    use: Math.round((1_000 * units) / allowed) / 10,
    p50: Math.round(quantile(excess, 0.5)),
    p99: Math.round(quantile(excess, 0.99)),
  };
}
