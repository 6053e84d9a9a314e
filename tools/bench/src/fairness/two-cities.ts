import { setTimeout as wait } from 'node:timers/promises';
import { releaseCampaign, type ReadyCampaign, type Released } from '../world/world-campaign.js';
import { mostApartInASecond, unitsBetween, useBetween } from './sharing.js';
import { RATE, type Stage } from './stage.js';

/** After the second city's release, ms: its head start over the granted window is over. */
const SETTLED_AFTER_MS = 5_000;
const WATCHED_MS = 25_000;
const BIN_MS = 1_000;

export interface TwoCities {
  /** Part of the second city of what both got, from 5 s after its release on. */
  readonly partOfSecond: number;
  /** Greatest difference within any second of that time, units. */
  readonly mostApart: number;
  readonly use: number;
  /** Units of each by second, from 10 s before the second city's release on. */
  readonly bySecond: readonly (readonly [number, number])[];
}

/** While the first drains alone, a second city of the same weight is released; adds it to `released`. */
export async function watchTwoCities(stage: Stage, first: ReadyCampaign, second: ReadyCampaign, released: Released[]): Promise<TwoCities> {
  const begun = await releaseCampaign(second);
  released.push(begun);
  const from = begun.calledAt + SETTLED_AFTER_MS;
  const to = from + WATCHED_MS;
  await wait(to - Date.now() + BIN_MS);
  const units = stage.units();
  const got = unitsBetween(units, from, to);
  const [one, two] = [got.get(first.campaignId) ?? 0, got.get(second.campaignId) ?? 0];
  const start = begun.calledAt - 10 * BIN_MS;
  const bySecond = Array.from({ length: Math.floor((to - start) / BIN_MS) }, (_, bin) => {
    const inBin = unitsBetween(units, start + bin * BIN_MS, start + (bin + 1) * BIN_MS);
    return [inBin.get(first.campaignId) ?? 0, inBin.get(second.campaignId) ?? 0] as const;
  });
  return {
    partOfSecond: two / Math.max(1, one + two),
    mostApart: mostApartInASecond(units, [first.campaignId, second.campaignId], from, to),
    use: useBetween(units, RATE, from, to),
    bySecond,
  };
}
