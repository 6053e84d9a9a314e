import { seededRandom } from '@tocsin/testing';
import type { SimulatedRelease } from '../simulate/model.js';

/** One campaign of a mix. */
export interface MixedRelease extends SimulatedRelease {
  /** Its completion is foreseen just before it is released; the others are what runs and what comes. */
  readonly asked: boolean;
}

/** Messages of the campaigns that run when the questions are asked, in all. */
const RUNNING_LEAST = 300;
const RUNNING_MOST = 2_000;
/** Messages of a campaign that is asked about. */
const ASKED_LEAST = 20;
const ASKED_MOST = 800;
/** The running ones have begun this long before the first question, ms. */
const HEAD_START_MS = 1_000;
/** Questions are asked within this time, ms. */
const ASKING_MS = 1_500;
/** In one mix of three somebody comes whom nobody could foresee, this much later at most, ms. */
const LATER_MS = 3_000;
const LATER_PART = 1 / 3;
/** Lanes of campaigns: urgent, standard, bulk; life-safety is rarer than a mix. */
const LANES = [1, 2, 2, 2, 2, 3] as const;
const WEIGHTS = [1, 1, 1, 2, 3, 5] as const;
const MOST_TENANTS = 8;

/** Random campaigns that run, some that are asked about, and in some mixes one that comes later; the same seed gives the same mix. */
export function mixOf(seed: number): MixedRelease[] {
  const random = seededRandom(seed);
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const weights = Array.from({ length: MOST_TENANTS }, () => one(WEIGHTS));
  const release = (at: number, contacts: number, asked: boolean): MixedRelease => {
    const tenant = between(0, MOST_TENANTS - 1);
    return { tenant: `t${tenant}`, weight: weights[tenant] ?? 1, lane: one(LANES), at: Math.round(at), contacts, cost: 1, asked };
  };
  const running = between(1, 3);
  const total = between(RUNNING_LEAST, RUNNING_MOST);
  const asked = between(1, 3);
  const releases = [
    ...Array.from({ length: running }, () => release(random() * HEAD_START_MS * 0.5, Math.max(1, Math.round(total / running)), false)),
    ...Array.from({ length: asked }, () => release(HEAD_START_MS + random() * ASKING_MS, between(ASKED_LEAST, ASKED_MOST), true)),
    ...(random() < LATER_PART ? [release(HEAD_START_MS + ASKING_MS + random() * LATER_MS, between(ASKED_LEAST, ASKED_MOST), false)] : []),
  ];
  return releases.sort((a, b) => a.at - b.at);
}
