import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLanes } from './fair-lanes.js';

/** Takes `count` turns of one lane, all tenants backlogged, served as taken; answers cost given to each tenant and the order. */
function drain(lanes: FairLanes, count: number, costs: (turn: number) => number): { given: Map<string, number>; order: string[] } {
  const given = new Map<string, number>();
  const order: string[] = [];
  for (let turn = 0; turn < count; turn++) {
    const pick = lanes.pick();
    if (!pick) break;
    const cost = costs(turn);
    lanes.served(pick.lane, lanes.take(pick, cost));
    given.set(pick.tenant, (given.get(pick.tenant) ?? 0) + cost);
    order.push(pick.tenant);
  }
  return { given, order };
}

function laneOf(tenants: Record<string, number>): FairLanes {
  const lanes = new FairLanes(4);
  for (const [tenant, weight] of Object.entries(tenants)) {
    lanes.addFlow(2, tenant, weight);
    lanes.setBacklogged(2, tenant, `campaign of ${tenant}`, true);
  }
  return lanes;
}

describe('fair lanes', () => {
  it('gives weights 1 : 2 : 5 what they say', () => {
    const { given } = drain(laneOf({ a: 1, b: 2, c: 5 }), 8_000, () => 1);
    expect([given.get('a'), given.get('b'), given.get('c')]).toEqual([1_000, 2_000, 5_000]);
  });

  it('keeps the lead between two backlogged tenants within one item of each, whatever items cost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), cost: fc.integer({ min: 1, max: 6 }) }), {
          minLength: 2,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 400 }),
        (flows, turns) => {
          const lanes = new FairLanes(1);
          flows.forEach((flow, index) => {
            lanes.addFlow(0, `t${index}`, flow.weight);
            lanes.setBacklogged(0, `t${index}`, 'c', true);
          });
          const units = flows.map(() => 0);
          for (let turn = 0; turn < turns; turn++) {
            const pick = lanes.pick();
            if (!pick) throw new Error('not work conserving');
            const index = Number(pick.tenant.slice(1));
            const flow = flows[index];
            if (!flow) throw new Error('unknown tenant');
            lanes.served(0, lanes.take(pick, flow.cost));
            units[index] = (units[index] ?? 0) + flow.cost;
          }
          // The bound of start-time fair queuing: |W_i / w_i - W_j / w_j| <= l_i / w_i + l_j / w_j.
          flows.forEach((one, i) =>
            flows.forEach((other, j) => {
              const lead = Math.abs((units[i] ?? 0) / one.weight - (units[j] ?? 0) / other.weight);
              expect(lead).toBeLessThanOrEqual(one.cost / one.weight + other.cost / other.weight + 1e-6);
            }),
          );
        },
      ),
      { seed: 11, numRuns: 200 },
    );
  });

  it('never idles while an admitted lane has a backlog, and serves the most severe lane first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 60 }),
        (items) => {
          const lanes = new FairLanes(4);
          const left = new Map<string, number>();
          for (const [lane, tenant] of items) {
            const key = `${lane}/${tenant}`;
            left.set(key, (left.get(key) ?? 0) + 1);
            lanes.setBacklogged(lane, `t${tenant}`, 'c', true);
          }
          const lanesTaken: number[] = [];
          for (let pick = lanes.pick(); pick; pick = lanes.pick()) {
            const key = `${pick.lane}/${pick.tenant.slice(1)}`;
            lanes.take(pick, 1);
            lanesTaken.push(pick.lane);
            const rest = (left.get(key) ?? 0) - 1;
            left.set(key, rest);
            if (rest === 0) lanes.setBacklogged(pick.lane, pick.tenant, 'c', false);
          }
          expect(lanesTaken).toHaveLength(items.length);
          expect(lanesTaken).toEqual([...lanesTaken].sort((a, b) => a - b));
        },
      ),
      { seed: 12, numRuns: 200 },
    );
  });

  it('does not look at ids: renamed tenants get the same turns', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 6, maxLength: 6 }), (names) => {
        const weights = [1, 2, 5, 1, 3, 2];
        const run = (ids: readonly string[]): number[] => {
          const lanes = new FairLanes(1);
          ids.forEach((id, index) => {
            lanes.addFlow(0, id, weights[index] ?? 1);
            lanes.setBacklogged(0, id, 'c', true);
          });
          return drain(lanes, 120, (turn) => 1 + (turn % 3)).order.map((id) => ids.indexOf(id));
        };
        expect(run(names)).toEqual(run(['a', 'b', 'c', 'd', 'e', 'f']));
      }),
      { seed: 13, numRuns: 100 },
    );
  });

  it('does not favour who came first: over a long run every order of arrival gives the same parts', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }), (order) => {
        const { given } = drain(laneOf(Object.fromEntries(order.map((id) => [id, 1]))), 400, () => 1);
        expect([...given.values()]).toEqual([100, 100, 100, 100]);
      }),
      { seed: 14 },
    );
  });

  it('lets a tenant that was idle in at the virtual time, ahead of what is granted and not served', () => {
    const lanes = laneOf({ city: 1 });
    const granted: number[] = [];
    for (let turn = 0; turn < 100; turn++) {
      const pick = lanes.pick();
      if (pick) granted.push(lanes.take(pick, 1));
    }
    lanes.served(2, granted[9] ?? -1);
    lanes.setBacklogged(2, 'commune', 'c', true);
    const pick = lanes.pick();
    expect(pick?.tenant).toBe('commune');
    expect(pick?.tag).toBe(granted[9]);
  });

  it('gives no credit for idle time: who comes back shares from then on', () => {
    const lanes = laneOf({ city: 1, commune: 1 });
    drain(lanes, 2, () => 1);
    lanes.setBacklogged(2, 'commune', 'campaign of commune', false);
    drain(lanes, 1_000, () => 1);
    lanes.setBacklogged(2, 'commune', 'another', true);
    const { given } = drain(lanes, 100, () => 1);
    expect(given.get('city')).toBeGreaterThanOrEqual(49);
  });

  it('takes a tenant’s campaigns in turn', () => {
    const lanes = new FairLanes(1);
    for (const campaign of ['x', 'y', 'z']) lanes.setBacklogged(0, 't', campaign, true);
    const turns: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const pick = lanes.pick();
      if (!pick) break;
      turns.push(pick.campaign);
      lanes.take(pick, 1);
    }
    expect(turns).toEqual(['x', 'y', 'z', 'x', 'y', 'z']);
  });

  it('charges the true cost afterwards', () => {
    const lanes = laneOf({ a: 1, b: 1 });
    const first = lanes.pick();
    if (!first) throw new Error('nothing to take');
    lanes.take(first, 1);
    lanes.correct(2, first.tenant, 3);
    const { order } = drain(lanes, 4, () => 1);
    expect(order).toEqual(['b', 'b', 'b', 'b']);
  });

  it('goes on exactly alike after a snapshot', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 6 }), fc.boolean()), { maxLength: 80 }),
        (steps) => {
          const lanes = new FairLanes(3);
          for (const [lane, tenant, add] of steps) {
            lanes.addFlow(lane, `t${tenant}`, tenant + 1);
            lanes.setBacklogged(lane, `t${tenant}`, `c${lane}`, add);
            const pick = lanes.pick();
            if (pick) lanes.served(pick.lane, lanes.take(pick, 1));
          }
          const twin = FairLanes.restore(JSON.parse(JSON.stringify(lanes.snapshot())) as ReturnType<FairLanes['snapshot']>);
          expect(drain(twin, 50, () => 2)).toEqual(drain(lanes, 50, () => 2));
        },
      ),
      { seed: 15, numRuns: 200 },
    );
  });

  it('takes a turn for whom it names, even when the pick is of a twin or older than a rest', () => {
    const lanes = laneOf({ a: 1 });
    const old = lanes.pick();
    if (!old) throw new Error('nothing to take');
    const twin = FairLanes.restore(lanes.snapshot());
    twin.take(old, 7);
    expect([lanes.pick()?.tag, twin.pick()?.tag]).toEqual([0, 7]);
    lanes.setBacklogged(2, 'a', 'campaign of a', false);
    lanes.rest(2);
    lanes.take(old, 3);
    lanes.setBacklogged(2, 'a', 'campaign of a', true);
    expect(lanes.pick()?.tag).toBe(3);
  });

  it('starts everybody level after a rest', () => {
    const lanes = laneOf({ a: 1 });
    drain(lanes, 10, () => 1);
    lanes.setBacklogged(2, 'a', 'campaign of a', false);
    lanes.rest(2);
    lanes.setBacklogged(2, 'b', 'c', true);
    lanes.setBacklogged(2, 'a', 'c', true);
    expect(drain(lanes, 4, () => 1).order).toEqual(['b', 'a', 'b', 'a']);
  });
});
