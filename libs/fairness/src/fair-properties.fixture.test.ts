import fc from 'fast-check';
import type { FairLanes, FairPick } from './fair-lanes.js';

export type MakeLanes = new (laneCount: number, floors?: readonly number[]) => FairLanes;

const EPSILON = 1e-6;
/** Segments of a message. */
const costOf = fc.integer({ min: 1, max: 6 });
const weightOf = fc.integer({ min: 1, max: 20 });

function ensure(holds: boolean, why: string): void {
  if (!holds) throw new Error(why);
}

function turn(lanes: FairLanes, admits?: (lane: number) => boolean): FairPick {
  const pick = lanes.pick(admits);
  if (!pick) throw new Error('a backlog, and nobody has a turn');
  return pick;
}

/** Two tenants with a backlog throughout, others coming and going: over any interval |W_a/w_a - W_b/w_b| <= l_a/w_a + l_b/w_b. */
export function leadIsBounded(Lanes: MakeLanes): void {
  const flow = fc.record({ weight: weightOf, maxCost: costOf });
  const steps = fc.array(fc.record({ other: fc.integer({ min: 2, max: 7 }), joins: fc.boolean(), cost: costOf }), {
    minLength: 20,
    maxLength: 300,
  });
  fc.assert(
    fc.property(fc.array(flow, { minLength: 8, maxLength: 8 }), steps, (flows, all) => {
      const lanes = new Lanes(1);
      flows.forEach(({ weight }, index) => lanes.addFlow(0, `t${index}`, weight));
      for (const index of [0, 1]) lanes.setBacklogged(0, `t${index}`, 'c', true);
      const [a, b] = flows;
      if (!a || !b) return;
      let [lead, most, least] = [0, 0, 0];
      for (const { other, joins, cost } of all) {
        lanes.setBacklogged(0, `t${other}`, 'c', joins);
        const pick = turn(lanes);
        const index = Number(pick.tenant.slice(1));
        const charged = Math.min(cost, flows[index]?.maxCost ?? 1);
        lanes.served(0, lanes.take(pick, charged));
        if (index === 0) lead += charged / a.weight;
        if (index === 1) lead -= charged / b.weight;
        [most, least] = [Math.max(most, lead), Math.min(least, lead)];
      }
      ensure(most - least <= a.maxCost / a.weight + b.maxCost / b.weight + EPSILON, `lead of ${most - least}`);
    }),
    { seed: 41, numRuns: 300 },
  );
}

/** Whatever the others do (they go idle and come back after each item), a tenant waits for at most w_j x l_i / w_i + 2 l_j units of each other. */
export function nobodyStarves(Lanes: MakeLanes): void {
  fc.assert(
    fc.property(fc.array(fc.record({ weight: weightOf, cost: costOf }), { minLength: 2, maxLength: 8 }), (flows) => {
      const lanes = new Lanes(1);
      flows.forEach(({ weight }, index) => {
        lanes.addFlow(0, `t${index}`, weight);
        lanes.setBacklogged(0, `t${index}`, 'c', true);
      });
      const patient = flows[0];
      if (!patient) return;
      const bounds = flows.map(({ weight, cost }) => (weight * patient.cost) / patient.weight + 2 * cost);
      const waited = flows.map(() => 0);
      for (let count = 0; count < 500; count++) {
        const pick = turn(lanes);
        const index = Number(pick.tenant.slice(1));
        const cost = flows[index]?.cost ?? 1;
        lanes.served(0, lanes.take(pick, cost));
        if (index === 0) {
          waited.fill(0);
          continue;
        }
        lanes.setBacklogged(0, pick.tenant, 'c', false);
        lanes.setBacklogged(0, pick.tenant, 'c', true);
        waited[index] = (waited[index] ?? 0) + cost;
        ensure((waited[index] ?? 0) <= (bounds[index] ?? 0) + EPSILON, `waited for ${waited[index]} units of one other`);
      }
    }),
    { seed: 42, numRuns: 200 },
  );
}

/** There is a turn exactly when an admitted lane has a backlog, and it is of the most severe such lane. */
export function worksWhileThereIsWork(Lanes: MakeLanes): void {
  const step = fc.record({
    lane: fc.integer({ min: 0, max: 3 }),
    tenant: fc.integer({ min: 0, max: 4 }),
    joins: fc.boolean(),
    admitted: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const lanes = new Lanes(4);
      const backlog = [0, 1, 2, 3].map(() => new Set<number>());
      for (const { lane, tenant, joins, admitted } of steps) {
        lanes.setBacklogged(lane, `t${tenant}`, 'c', joins);
        if (joins) backlog[lane]?.add(tenant);
        else backlog[lane]?.delete(tenant);
        const expected = backlog.findIndex((one, index) => one.size > 0 && admitted[index]);
        const pick = lanes.pick((index) => admitted[index] ?? false);
        ensure((pick?.lane ?? -1) === expected, `lane ${pick?.lane ?? -1}, not ${expected}`);
        if (pick) lanes.served(pick.lane, lanes.take(pick, 1));
      }
    }),
    { seed: 43, numRuns: 300 },
  );
}

/** 10 s at 500/s with messages of 1 to 3 segments: weights 1 : 2 : 5 get their parts within 3 %. */
export function weightsAreHonoured(Lanes: MakeLanes): void {
  const order = fc.shuffledSubarray([1, 2, 5], { minLength: 3 });
  fc.assert(
    fc.property(order, fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 100, maxLength: 100 }), (weights, costs) => {
      const lanes = new Lanes(1);
      for (const weight of weights) {
        lanes.addFlow(0, `t${weight}`, weight);
        lanes.setBacklogged(0, `t${weight}`, 'c', true);
      }
      const given = new Map<number, number>();
      let total = 0;
      for (let count = 0; total < 5_000; count++) {
        const pick = turn(lanes);
        const cost = costs[(count * 37) % costs.length] ?? 1;
        const weight = Number(pick.tenant.slice(1));
        lanes.served(0, lanes.take(pick, cost));
        given.set(weight, (given.get(weight) ?? 0) + cost);
        total += cost;
      }
      for (const weight of weights) {
        const ratio = (given.get(weight) ?? 0) / ((total * weight) / 8);
        ensure(Math.abs(ratio - 1) <= 0.03, `weight ${weight} got ${ratio} of its part`);
      }
    }),
    { seed: 44, numRuns: 100 },
  );
}

/** Renamed tenants get the same turns. */
export function idsDoNotMatter(Lanes: MakeLanes): void {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(names, fc.array(costOf, { minLength: 10, maxLength: 60 }), (ids, costs) => {
      const run = (called: readonly string[]): string => {
        const lanes = new Lanes(1);
        called.forEach((id, index) => {
          lanes.addFlow(0, id, 1 + (index % 3));
          lanes.setBacklogged(0, id, 'c', true);
        });
        return costs
          .map((cost) => {
            const pick = turn(lanes);
            lanes.served(0, lanes.take(pick, cost));
            return called.indexOf(pick.tenant);
          })
          .join();
      };
      ensure(run(ids) === run(['a', 'b', 'c', 'd', 'e', 'f']), 'other ids, other turns');
    }),
    { seed: 45, numRuns: 100 },
  );
}

/** In whatever order tenants arrive, each is given the same units to within one item of its own and one of any other's weight. */
export function arrivalOrderDoesNotMatter(Lanes: MakeLanes): void {
  const flows = [1, 2, 3, 4, 5, 6].map((cost) => ({ tenant: `t${cost}`, cost, weight: 1 + (cost % 3) }));
  const run = (order: typeof flows): Map<string, number> => {
    const lanes = new Lanes(1);
    for (const { tenant, weight } of order) {
      lanes.addFlow(0, tenant, weight);
      lanes.setBacklogged(0, tenant, 'c', true);
    }
    const given = new Map<string, number>();
    let total = 0;
    while (total < 2_000) {
      const pick = turn(lanes);
      const cost = Number(pick.tenant.slice(1));
      lanes.served(0, lanes.take(pick, cost));
      given.set(pick.tenant, (given.get(pick.tenant) ?? 0) + cost);
      total += cost;
    }
    return given;
  };
  const expected = run(flows);
  const slack = Math.max(...flows.map(({ cost, weight }) => cost / weight));
  fc.assert(
    fc.property(fc.shuffledSubarray(flows, { minLength: flows.length }), (order) => {
      const given = run(order);
      for (const { tenant, cost, weight } of flows) {
        const apart = Math.abs((given.get(tenant) ?? 0) - (expected.get(tenant) ?? 0));
        ensure(apart <= 2 * (cost + weight * slack), `${tenant} is ${apart} units apart`);
      }
    }),
    { seed: 46, numRuns: 100 },
  );
}

/** A tenant that was idle starts ahead of everything granted and not served, and is not owed the time it was away. */
export function newcomersShareFromNowOn(Lanes: MakeLanes): void {
  const sizes = fc.record({
    // What it took before it went idle: it comes back, or comes for the first time.
    early: fc.integer({ min: 0, max: 5 }),
    before: fc.integer({ min: 10, max: 400 }),
    window: fc.integer({ min: 2, max: 150 }),
    after: fc.integer({ min: 2, max: 200 }),
  });
  fc.assert(
    fc.property(sizes, ({ early, before, window, after }) => {
      const lanes = new Lanes(1);
      lanes.setBacklogged(0, 'commune', 'c', true);
      for (let count = 0; count < early; count++) lanes.served(0, lanes.take(turn(lanes), 1));
      lanes.setBacklogged(0, 'commune', 'c', false);
      lanes.setBacklogged(0, 'city', 'c', true);
      const tags: number[] = [];
      for (let count = 0; count < before + window; count++) {
        tags.push(lanes.take(turn(lanes), 1));
        if (count >= window) lanes.served(0, tags[count - window] ?? 0);
      }
      const lastServed = tags[before - 1] ?? 0;
      lanes.setBacklogged(0, 'commune', 'c', true);
      let [commune, city] = [0, 0];
      for (let count = 0; count < window + after; count++) {
        const pick = turn(lanes);
        if (count === 0) ensure(pick.tenant === 'commune' && pick.tag === lastServed, `the first turn is ${pick.tenant} at ${pick.tag}`);
        lanes.take(pick, 1);
        if (pick.tenant === 'commune') commune++;
        else city++;
      }
      // The city's window was granted before; from the commune's entry on both have the same to within an item each.
      ensure(Math.abs(commune - window - city) <= 2, `${commune} to the commune, ${city} + ${window} to the city`);
    }),
    { seed: 47, numRuns: 200 },
  );
}

/** A tenant's campaigns differ by one turn at most. */
export function campaignsTakeTurns(Lanes: MakeLanes): void {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 100 }), (campaigns, turns) => {
      const lanes = new Lanes(1);
      const given = new Map<string, number>();
      for (let index = 0; index < campaigns; index++) {
        lanes.setBacklogged(0, 't', `c${index}`, true);
        given.set(`c${index}`, 0);
      }
      for (let count = 0; count < turns; count++) {
        const pick = turn(lanes);
        lanes.served(0, lanes.take(pick, 1));
        given.set(pick.campaign, (given.get(pick.campaign) ?? 0) + 1);
      }
      ensure(Math.max(...given.values()) - Math.min(...given.values()) <= 1, 'one campaign is ahead');
    }),
    { seed: 48, numRuns: 100 },
  );
}

/** Calls are taken by a guess and corrected at hang-up, k lines at once: true line-seconds differ by at most (k + 1) longest calls each. */
export function callsAreChargedTruly(Lanes: MakeLanes): void {
  const call = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(fc.tuple(call, call), fc.integer({ min: 1, max: 5 }), (lengths, lines) => {
      const lanes = new Lanes(1);
      const spent = [0, 0];
      [0, 1].forEach((index) => lanes.setBacklogged(0, `t${index}`, 'c', true));
      const guess = 10;
      const talking: { tag: number; index: number }[] = [];
      for (let count = 0; count < 600; count++) {
        const pick = turn(lanes);
        talking.push({ tag: lanes.take(pick, guess), index: Number(pick.tenant.slice(1)) });
        const ended = talking.length > lines ? talking.shift() : undefined;
        if (!ended) continue;
        const seconds = lengths[ended.index] ?? 0;
        lanes.served(0, ended.tag);
        lanes.correct(0, `t${ended.index}`, seconds - guess);
        spent[ended.index] = (spent[ended.index] ?? 0) + seconds;
      }
      const apart = Math.abs((spent[0] ?? 0) - (spent[1] ?? 0));
      ensure(apart <= 2 * (lines + 1) * Math.max(guess, ...lengths), `${apart} line-seconds apart`);
    }),
    { seed: 49, numRuns: 200 },
  );
}

/** While a floor's lane waits it gets its part of all units to within one item and one unit, and strict order keeps the rest to within one item. */
export function floorsHold(Lanes: MakeLanes): void {
  const part = fc.constantFrom(0.02, 0.05, 0.1, 0.25);
  fc.assert(
    fc.property(part, fc.array(costOf, { minLength: 200, maxLength: 500 }), (floor, costs) => {
      const lanes = new Lanes(4, [0, 0, floor, 0]);
      for (const lane of [0, 2, 3]) lanes.setBacklogged(lane, `t${lane}`, 'c', true);
      const given = [0, 0, 0, 0];
      let total = 0;
      for (const cost of costs) {
        const pick = turn(lanes);
        lanes.served(pick.lane, lanes.take(pick, cost));
        given[pick.lane] = (given[pick.lane] ?? 0) + cost;
        total += cost;
        const got = given[2] ?? 0;
        ensure(got >= floor * total - 1 - 6 * floor - EPSILON, `the floor got ${got} of ${total}`);
        ensure(got <= floor * total + 6 + EPSILON, `strict order lost ${got} of ${total}`);
      }
      ensure(given[3] === 0, 'a lane without a floor came before a more severe one');
    }),
    { seed: 50, numRuns: 200 },
  );
}
