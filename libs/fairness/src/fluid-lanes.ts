import { FlowHeap, type HeapMember } from './flow-heap.js';

/** One tenant's work in one lane; its campaigns share what it gets equally, as turns do. */
export interface LaneFlow {
  /** 0 = most severe. */
  readonly lane: number;
  /** Whose it is, where that matters to who reads it. */
  readonly tenant?: string;
  /** How many tenants it stands for, one where not set. */
  readonly tenants?: number;
  /** > 0. */
  readonly weight: number;
  /** Unix ms when it begins; what is past counts as now. */
  readonly at: number;
  /** Cost units a second it takes at most; not set = as many as its share. */
  readonly pace?: number;
  readonly campaigns: readonly { readonly id: string; readonly units: number }[];
}

export interface FluidProvider {
  /** Cost units a second, > 0. */
  readonly rate: number;
  /** Part of the rate that a lane gets at least while it has work, by lane; lanes without one are strict. */
  readonly floors?: readonly number[];
}

interface Running extends HeapMember {
  readonly flow: LaneFlow;
  /** Units given to the flow at which campaign i is complete, in the order they complete. */
  readonly steps: readonly { readonly id: string; readonly units: number }[];
  next: number;
  /** Level of its lane when it began, or units it has been given where it is paced. */
  base: number;
}

interface Lane {
  /** Units a weight of 1 has been given so far. */
  level: number;
  /** Weight of what is not paced. */
  weight: number;
  readonly heap: FlowHeap<Running>;
  paced: Running[];
  /** Levels a second in this step. */
  speed: number;
}

/** Amounts and rates below this are rounding, units. */
const NOTHING = 1e-9;

/**
 * When each campaign would be complete (Unix ms) if the rate were divided continuously: most severe lane first, by weight inside a lane, equally inside a
 * tenant, nobody above its pace. What begins later shares from then on. Campaigns that never would be are left out. O(events x (log n + paced flows)).
 */
export function fluidLanes(flows: readonly LaneFlow[], provider: FluidProvider, now: number): Map<string, number> {
  if (!(provider.rate > 0)) throw new RangeError(`rate must be above 0: ${provider.rate}`);
  // With one that is no number nothing would ever be complete, and this would not end.
  const bad = flows.find((flow) => !(flow.weight > 0) || flow.campaigns.some(({ units }) => Number.isNaN(units)));
  if (bad) throw new RangeError(`a flow needs a weight above 0 and units that are numbers: ${bad.weight}`);
  const waiting = flows.filter((flow) => flow.campaigns.length > 0).sort((a, b) => a.at - b.at);
  const lanes: Lane[] = [];
  const done = new Map<string, number>();
  // Seconds from now on: Unix ms are too large for steps of a microsecond.
  let clock = 0;
  let begun = 0;
  const startOf = (flow: LaneFlow): number => (flow.at - now) / 1_000;
  const note = (id: string): void => void done.set(id, now + clock * 1_000);
  const begin = (flow: LaneFlow, order: number): void => {
    while (lanes.length <= flow.lane) lanes.push({ level: 0, weight: 0, heap: new FlowHeap(), paced: [], speed: 0 });
    const lane = lanes[flow.lane];
    const running: Running = { flow, steps: stepsOf(flow), next: 0, base: 0, key: 0, arrival: order, slot: -1 };
    while ((running.steps[running.next]?.units ?? Infinity) <= NOTHING) note(running.steps[running.next++]?.id ?? '');
    if (!lane || running.next >= running.steps.length) return;
    if (flow.pace !== undefined) {
      lane.paced.push(running);
      lane.paced.sort((a, b) => ceiling(a) - ceiling(b));
      return;
    }
    running.base = lane.level;
    lane.weight += flow.weight;
    settle(lane, running);
  };
  for (;;) {
    for (let next = waiting[begun]; next && startOf(next) <= clock; next = waiting[begun]) begin(next, begun++);
    divide(lanes, provider);
    const next = waiting[begun];
    const arrival = next ? startOf(next) : Infinity;
    const seconds = Math.min(arrival - clock, soonest(lanes));
    if (seconds === Infinity) return done;
    clock = seconds === arrival - clock ? arrival : clock + seconds;
    for (const lane of lanes) advance(lane, seconds, note);
  }
}

/** Cheapest first: equal turns complete the smallest campaign when each of the others has had as much. */
function stepsOf(flow: LaneFlow): Running['steps'] {
  const sorted = [...flow.campaigns].sort((a, b) => a.units - b.units);
  let before = 0;
  return sorted.map(({ id, units }, place) => {
    const at = before + units * (sorted.length - place);
    before += units;
    return { id, units: at };
  });
}

/** The level speed up to which a paced flow follows its weight. */
function ceiling(running: Running): number {
  return (running.flow.pace ?? Infinity) / running.flow.weight;
}

/** Sets the speed of each lane: what is left from above, and what floors hold back for those below. */
function divide(lanes: readonly Lane[], { rate, floors = [] }: FluidProvider): void {
  let left = rate;
  let reserved = 0;
  const floorOf = (place: number): number => ((lanes[place] && busy(lanes[place]) ? floors[place] : undefined) ?? 0) * rate;
  for (let place = 0; place < lanes.length; place++) reserved += floorOf(place);
  lanes.forEach((lane, place) => {
    reserved -= floorOf(place);
    const { used, speed } = fill(lane, Math.max(0, left - reserved));
    lane.speed = speed;
    left -= used;
  });
}

function busy(lane: Lane): boolean {
  return lane.weight > NOTHING || lane.paced.length > 0;
}

/** Water filling: paced flows that want less than their share leave the rest to the others. */
function fill(lane: Lane, units: number): { readonly used: number; readonly speed: number } {
  let left = units;
  let weight = lane.weight;
  for (const { flow } of lane.paced) weight += flow.weight;
  for (const running of lane.paced) {
    const speed = left / weight;
    if (ceiling(running) > speed) return { used: units, speed };
    left -= running.flow.pace ?? 0;
    weight -= running.flow.weight;
  }
  return lane.weight > NOTHING ? { used: units, speed: left / lane.weight } : { used: units - left, speed: Infinity };
}

/** Units a second of a paced flow. */
function rateOf(running: Running, lane: Lane): number {
  return Math.min(running.flow.pace ?? 0, running.flow.weight * lane.speed);
}

/** Seconds until the next campaign is complete. */
function soonest(lanes: readonly Lane[]): number {
  let seconds = Infinity;
  for (const lane of lanes) {
    const first = lane.heap.first();
    if (first && lane.speed > 0) seconds = Math.min(seconds, Math.max(0, first.key - lane.level) / lane.speed);
    for (const running of lane.paced) {
      const rate = rateOf(running, lane);
      if (rate > 0) seconds = Math.min(seconds, Math.max(0, (running.steps[running.next]?.units ?? 0) - running.base) / rate);
    }
  }
  return seconds;
}

function advance(lane: Lane, seconds: number, note: (id: string) => void): void {
  if (lane.weight > NOTHING) lane.level += lane.speed * seconds;
  if (lane.paced.length > 0) {
    for (const running of lane.paced) running.base += rateOf(running, lane) * seconds;
    lane.paced = lane.paced.filter((running) => {
      for (let step = running.steps[running.next]; step && reached(step.units, running.base); step = running.steps[running.next]) {
        note(step.id);
        running.next++;
      }
      return running.next < running.steps.length;
    });
  }
  for (let first = lane.heap.first(); first && reached(first.key, lane.level); first = lane.heap.first()) {
    note(first.steps[first.next++]?.id ?? '');
    if (first.next < first.steps.length) {
      settle(lane, first);
      continue;
    }
    lane.heap.remove(first);
    lane.weight = lane.heap.first() ? lane.weight - first.flow.weight : 0;
  }
}

/** To within rounding, which grows with the sum. */
function reached(goal: number, given: number): boolean {
  return goal - given <= NOTHING * Math.max(1, given);
}

function settle(lane: Lane, running: Running): void {
  running.key = running.base + (running.steps[running.next]?.units ?? 0) / running.flow.weight;
  lane.heap.settle(running);
}
