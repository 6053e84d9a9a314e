import { fluidLanes, type FluidProvider, type LaneFlow } from './fluid-lanes.js';
import { poisson95 } from './poisson.js';

/** What came into a lane lately. */
export interface LaneArrivals {
  /** 0 = most severe. */
  readonly lane: number;
  /** Campaigns a second. */
  readonly perSecond: number;
  /** Mean size, cost units. */
  readonly units: number;
}

/** A channel as it is known at a moment. */
export interface ChannelLoad {
  /** Unix ms everything below is as of. */
  readonly at: number;
  /** Cost units a second its live shares are configured for; 0 = no provider. */
  readonly rate: number;
  /** Measured while there was always something to hand over, mean and deviation of single seconds; 0 = not seen lately. */
  readonly drain: number;
  readonly drainDeviation: number;
  /** Unix ms of the last second in it. */
  readonly drainSeenAt: number;
  /** Part of what is handed over that is another attempt. */
  readonly againPart: number;
  readonly floors?: readonly number[];
  readonly flows: readonly LaneFlow[];
  readonly arrivals: readonly LaneArrivals[];
}

/** Unix ms. p50 is the lower edge, hardly ever undershot; p95 the upper one. */
export interface CompletionBand {
  readonly p50: number;
  readonly p95: number;
}

/** Part of its configured rate that a channel hands over when nobody has measured it lately, as expected and at worst. */
const USUAL_USE = 0.99;
const POOR_USE = 0.93;
/** Part by which the measured mean may be wrong for longer than single seconds tell. */
const DRIFT = 0.03;
/** A slow drain may recover: at the lower edge it does to this part of the way at once, and wholly once nobody has seen it for some time. */
const RECOVERY = 0.05;
const SEEN_LATELY_MS = 60_000;
/** A newcomer is given some units early (docs/fairness.md): part of its time, and ms. */
const EARLY_PART = 0.03;
const EARLY_MS = 150;
/** Others may be ahead by a turn, items are larger than units, hops have tails. */
const LATE_PART = 0.04;
/** Turns of its whole lane by which a campaign's last item may come before and after the ideal. */
const EARLY_TURNS = 0.5;
const LATE_TURNS = 1;
/** From the release to the first item at the provider where nothing waits, ms: at best, and at worst on a busy machine. */
const QUICK_START_MS = 50;
const SLOW_START_MS = 1_000;
/** z of the one-sided 95 %. */
const Z95 = 1.645;
/** Arrivals simulated one by one; more are taken together. */
const MAX_ARRIVALS = 100;
/** How far ahead arrivals are imagined: what happens in hours is for the live figure to say, ms. */
const HORIZON_MS = 2 * 60 * 60 * 1_000;
/** A load this old is taken to have drained as foreseen; an older one to have stood still before, ms. */
const BELIEVED_MS = 30_000;
/** The upper edge depends on who may come until then, and the other way round: looks at it. */
const ROUNDS = 3;

/** The band of each campaign in the load; what cannot be completed (no rate) is left out. Pure. */
export function completionBands(load: ChannelLoad, now: number): Map<string, CompletionBand> {
  const bands = new Map<string, CompletionBand>();
  if (!hasRate(load)) return bands;
  const expected = earliest(load, now);
  let last = now;
  for (const at of expected.values()) last = Math.max(last, at);
  const upper = latest(load, last, now);
  const turns = turnsOf(load);
  for (const { lane, campaigns } of load.flows) {
    for (const { id } of campaigns) {
      const at = expected.get(id);
      if (at !== undefined) bands.set(id, band(at, upper.get(id), now, turns.get(lane) ?? 0));
    }
  }
  return bands;
}

/** The band of a campaign `id` that would be released at `flow.at`, or now; undefined = nobody can say. Pure. */
export function completionOf(id: string, flow: LaneFlow, load: ChannelLoad, now: number): CompletionBand | undefined {
  if (!hasRate(load)) return undefined;
  const start = Math.max(now, flow.at);
  const joined = { ...load, flows: join(load.flows, { ...flow, at: start }, now) };
  const at = earliest(joined, now).get(id);
  if (at === undefined) return undefined;
  // What comes until it is complete makes it later, so that more may come: a few looks are enough, each adds less than the one before.
  let until = at;
  for (let round = 0; round < ROUNDS; round++) until = latest(joined, until, now).get(id) ?? until;
  const { p50, p95 } = band(at, until, start, turnsOf(joined).get(flow.lane) ?? 0);
  return { p50: p50 + QUICK_START_MS, p95: Math.max(p95, p50 + QUICK_START_MS) };
}

function hasRate({ rate, drain }: ChannelLoad): boolean {
  return rate > 0 || drain > 0;
}

function band(expected: number, upper: number | undefined, start: number, turn: number): CompletionBand {
  const early = Math.max(0, (expected - start) * (1 - EARLY_PART) - EARLY_MS - turn * EARLY_TURNS);
  const end = Math.max(start, upper ?? expected);
  const late = end + (end - start) * LATE_PART + turn * LATE_TURNS + SLOW_START_MS;
  return { p50: Math.round(start + early), p95: Math.round(Math.max(start + early, late)) };
}

/** ms in which every tenant of a lane has one unit, by lane: the grain of its shares. */
function turnsOf({ flows, rate, drain }: ChannelLoad): Map<number, number> {
  const turns = new Map<number, number>();
  for (const { lane, tenants = 1 } of flows) turns.set(lane, (turns.get(lane) ?? 0) + (tenants * 1_000) / (drain > 0 ? drain : rate));
  return turns;
}

/** A tenant's campaigns share its weight, so one that starts now joins the flow that is there. */
function join(flows: readonly LaneFlow[], flow: LaneFlow, now: number): LaneFlow[] {
  const own = flows.find((other) => flow.tenant !== undefined && other.tenant === flow.tenant && other.lane === flow.lane);
  if (!own || flow.at > now || flow.pace !== undefined || own.pace !== undefined) return [...flows, flow];
  return flows.map((other) => (other === own ? { ...own, campaigns: [...own.campaigns, ...flow.campaigns] } : other));
}

/** Where the simulation starts: what was known a moment ago has gone on since, but nobody believes that for ever. */
function since(load: ChannelLoad, now: number): number {
  return Math.min(now, Math.max(load.at, now - BELIEVED_MS));
}

/** Given what runs now, at the best rate that what was seen lately allows. */
function earliest(load: ChannelLoad, now: number): Map<string, number> {
  return fluidLanes(load.flows, provider(load, bestRate(load, now)), since(load, now));
}

/** What was measured in few seconds may have been a bad moment: one deviation above it, and the configured rate again as it grows old. */
function bestRate({ rate, drain, drainDeviation, drainSeenAt }: ChannelLoad, now: number): number {
  if (!(drain > 0)) return rate * USUAL_USE;
  const lately = Math.exp(-Math.max(0, now - drainSeenAt) / SEEN_LATELY_MS);
  const seen = drain * (1 + DRIFT) + drainDeviation;
  return Math.min(Math.max(rate, drain), seen + Math.max(0, rate - seen) * (1 - (1 - RECOVERY) * lately));
}

/** With those who may come until then, at the rate the provider may fall to. */
function latest(load: ChannelLoad, until: number, now: number): Map<string, number> {
  const { rate, drain, drainDeviation } = load;
  const span = Math.min(until - now, HORIZON_MS);
  const seconds = Math.max(1, span / 1_000);
  // Single seconds vary, their mean less so; what lasts longer is the drift.
  const measured = drain * (1 - DRIFT) - (Z95 * drainDeviation) / Math.sqrt(seconds);
  const poor = drain > 0 ? Math.max(measured, drain / 2) : rate * POOR_USE;
  return fluidLanes([...load.flows, ...imagined(load.arrivals, span, now)], provider(load, poor), since(load, now));
}

function provider({ againPart, floors }: ChannelLoad, rate: number): FluidProvider {
  return { rate: rate * (1 - Math.min(Math.max(againPart, 0), 0.9)), ...(floors ? { floors } : {}) };
}

/** As many tenants as may come in 19 of 20 cases, evenly over the span. */
function imagined(arrivals: readonly LaneArrivals[], span: number, now: number): LaneFlow[] {
  return arrivals.flatMap(({ lane, perSecond, units }) => {
    const count = poisson95((perSecond * span) / 1_000);
    const shown = Math.min(count, MAX_ARRIVALS);
    return Array.from({ length: shown }, (_, index) => ({
      lane,
      weight: count / shown,
      at: now + (span * (index + 0.5)) / shown,
      campaigns: [{ id: `?${lane}/${index}`, units: (units * count) / shown }],
    }));
  });
}
