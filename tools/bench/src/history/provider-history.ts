import { seededRandom } from '@tocsin/testing';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Campaigns of one tenant at most: with what the benchmark sends itself its list stays in one bucket. */
const MAX_A_TENANT = 400;
/** Rounds of fitting the sizes to the total; each halves what is left over at least. */
const FITS = 40;

export interface HistoryWish {
  readonly campaigns: number;
  /** Recipients of all of them together, each reached on one channel. */
  readonly deliveries: number;
  /** Days before `now` they are spread over. */
  readonly days: number;
  /** Contacts of each tenant's register. */
  readonly registers: readonly number[];
  /** Unix ms. */
  readonly now: number;
  readonly seed: number;
}

/** One campaign of the past: whose, how many it reached, when it was released. */
export interface PastCampaign {
  readonly tenant: number;
  readonly recipients: number;
  /** Unix ms. */
  readonly releasedAt: number;
}

/**
 * The past of a provider, oldest first: bigger tenants send somewhat more often, most campaigns reach a small part of a register and few all of it, and
 * the sizes add up to the deliveries asked for. The same wish gives the same past.
 */
export function providerHistory({ campaigns, deliveries, days, registers, now, seed }: HistoryWish): PastCampaign[] {
  const random = seededRandom(seed);
  const tenants = spread(registers, campaigns, random);
  const wanted = tenants.map((tenant) => (registers[tenant] ?? 0) * (0.05 + 0.95 * random() ** 2));
  const sizes = fit(
    wanted,
    tenants.map((tenant) => registers[tenant] ?? 0),
    deliveries,
  );
  const moments = tenants.map(() => now - random() * days * DAY_MS).toSorted((a, b) => a - b);
  return tenants.map((tenant, place) => ({ tenant, recipients: sizes[place] ?? 0, releasedAt: Math.floor(moments[place] ?? now) }));
}

/** Whose each campaign is, by the square root of the registers. */
function spread(registers: readonly number[], campaigns: number, random: () => number): number[] {
  if (campaigns > registers.length * MAX_A_TENANT) throw new RangeError(`more than ${MAX_A_TENANT} campaigns a tenant`);
  const weights = registers.map((size) => Math.sqrt(size));
  const bounds: number[] = [];
  let total = 0;
  for (const weight of weights) bounds.push((total += weight));
  const counts = registers.map(() => 0);
  return Array.from({ length: campaigns }, () => {
    const drawn = random() * total;
    let at = bounds.findIndex((bound) => bound >= drawn);
    while ((counts[at] ?? 0) >= MAX_A_TENANT) at = (at + 1) % registers.length;
    counts[at] = (counts[at] ?? 0) + 1;
    return at;
  });
}

/** Whole sizes in proportion to what is wanted, 1 to their limit each, that add up to the total. */
function fit(wanted: readonly number[], limits: readonly number[], total: number): number[] {
  const most = limits.reduce((sum, limit) => sum + limit, 0);
  if (total > most || total < wanted.length) throw new RangeError(`${total} recipients do not fit campaigns of 1 to ${most} in all`);
  let factor = total / wanted.reduce((sum, size) => sum + size, 0);
  const at = (by: number): number[] => wanted.map((size, place) => Math.min(limits[place] ?? 0, Math.max(1, Math.round(size * by))));
  let sizes = at(factor);
  for (let round = 0; round < FITS; round += 1) {
    const sum = sizes.reduce((all, size) => all + size, 0);
    if (sum === total) return sizes;
    factor *= total / sum;
    sizes = at(factor);
  }
  let left = total - sizes.reduce((all, size) => all + size, 0);
  for (let place = 0; left !== 0; place = (place + 1) % sizes.length) {
    const size = (sizes[place] ?? 0) + Math.sign(left);
    if (size < 1 || size > (limits[place] ?? 0)) continue;
    sizes[place] = size;
    left -= Math.sign(left);
  }
  return sizes;
}
