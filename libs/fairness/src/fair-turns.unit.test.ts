import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairTurns, type TurnLane } from './fair-turns.js';

const ONE: readonly TurnLane[] = [{ atOnce: 1, floor: 0 }];

/** Runs everything that waits, one work after the other. */
function drain<T>(turns: FairTurns<T>): T[] {
  const order: T[] = [];
  for (let turn = turns.next(); turn; turn = turns.next()) {
    order.push(turn.work);
    turns.end(turn.lane);
  }
  return order;
}

describe('turns', () => {
  it('go round the tenants, and keep the order of each', () => {
    const turns = new FairTurns<string>(ONE, 1);
    for (const work of ['c1', 'c2', 'c3']) turns.add(0, 'city', work);
    turns.add(0, 'commune', 'v1');
    turns.add(0, 'village', 'w1');
    expect(drain(turns)).toEqual(['c1', 'v1', 'w1', 'c2', 'c3']);
  });

  it('of who comes late are next, whatever waits and whatever was done before', () => {
    const turns = new FairTurns<string>(ONE, 1);
    for (let work = 0; work < 1_000; work += 1) turns.add(0, 'city', 'city');
    for (let work = 0; work < 600; work += 1) {
      expect(turns.next()?.work).toBe('city');
      turns.end(0);
    }
    turns.add(0, 'commune', 'commune');
    const order = drain(turns);
    expect(order.indexOf('commune')).toBeLessThanOrEqual(1);
  });

  it('of a severer lane come first, and a floor is kept', () => {
    const turns = new FairTurns<string>(
      [
        { atOnce: 1, floor: 0 },
        { atOnce: 1, floor: 0.25 },
      ],
      1,
    );
    for (let work = 0; work < 80; work += 1) {
      turns.add(0, 'previews', 'preview');
      turns.add(1, 'imports', 'import');
    }
    const first = drain(turns).slice(0, 80);
    expect(first.slice(0, 3)).toEqual(['preview', 'preview', 'preview']);
    expect(first.filter((work) => work === 'import').length).toBeGreaterThanOrEqual(19);
    expect(first.filter((work) => work === 'import').length).toBeLessThanOrEqual(21);
  });

  it('run so many at once, of a lane and of all', () => {
    const turns = new FairTurns<string>(
      [
        { atOnce: 2, floor: 0 },
        { atOnce: 3, floor: 0 },
      ],
      4,
    );
    for (let work = 0; work < 5; work += 1) {
      turns.add(0, 'a', 'severe');
      turns.add(1, 'a', 'other');
    }
    const running = [turns.next(), turns.next(), turns.next(), turns.next(), turns.next()];
    expect(running.map((turn) => turn?.work)).toEqual(['severe', 'severe', 'other', 'other', undefined]);
    turns.end(1);
    expect(turns.next()?.work).toBe('other');
  });

  it('of a lane never run beyond its limit, however much its floor is owed', () => {
    const turns = new FairTurns<string>(
      [
        { atOnce: 4, floor: 0 },
        { atOnce: 2, floor: 0.25 },
      ],
      4,
    );
    for (let work = 0; work < 100; work += 1) {
      turns.add(0, 'village', 'page');
      turns.add(1, 'city', 'file');
    }
    // Files take long and none of them ends; pages end at once.
    let files = 0;
    for (let turn = turns.next(); turn; turn = turns.next()) {
      if (turn.lane === 0) turns.end(0);
      else files += 1;
    }
    expect(files).toBe(2);
  });

  it('are not owed afterwards to a lane that ran all it might', () => {
    const turns = new FairTurns<string>(
      [
        { atOnce: 6, floor: 0 },
        { atOnce: 1, floor: 0.25 },
      ],
      6,
    );
    for (let work = 0; work < 100; work += 1) {
      turns.add(0, 'village', 'page');
      turns.add(1, 'city', 'file');
    }
    const run = (count: number): (string | undefined)[] =>
      Array.from({ length: count }, () => {
        const turn = turns.next();
        if (turn?.lane === 0) turns.end(0);
        return turn?.work;
      });
    // One file runs meanwhile, and takes long.
    expect(run(80).filter((work) => work === 'file')).toHaveLength(1);
    turns.end(1);
    const next = Array.from({ length: 8 }, () => {
      const turn = turns.next();
      if (turn) turns.end(turn.lane);
      return turn?.work;
    });
    expect(next.filter((work) => work === 'file').length).toBeLessThanOrEqual(3);
  });

  it('are never apart by more than one between two tenants that both wait, and none is lost', () => {
    const arrivals = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 20 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(arrivals, (added) => {
        const turns = new FairTurns<string>(ONE, 1);
        const left = new Map<string, number>();
        for (const [tenant, count] of added) {
          left.set(tenant, (left.get(tenant) ?? 0) + count);
          for (let work = 0; work < count; work += 1) turns.add(0, tenant, tenant);
        }
        const had = new Map([...left.keys()].map((tenant) => [tenant, 0]));
        for (let turn = turns.next(); turn; turn = turns.next()) {
          turns.end(turn.lane);
          had.set(turn.work, (had.get(turn.work) ?? 0) + 1);
          left.set(turn.work, (left.get(turn.work) ?? 0) - 1);
          const waiting = [...left].filter(([, count]) => count > 0).map(([tenant]) => had.get(tenant) ?? 0);
          if (Math.max(...waiting) - Math.min(...waiting) > 1) return false;
        }
        return [...left.values()].every((count) => count === 0);
      }),
    );
  });
});
