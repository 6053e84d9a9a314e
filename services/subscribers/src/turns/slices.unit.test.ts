import { describe, expect, it } from 'vitest';
import { LANES } from './lanes.js';
import { Slices } from './slices.js';

/** Takes so many turns of the event loop and notes each. */
async function compute(slices: Slices, name: string, turns: number, done: string[]): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await slices.turn();
    done.push(name);
  }
}

describe('slices of computing', () => {
  it('costs nothing until a slice is over', () => {
    expect(new Slices(LANES.file, 'city').breathe()).toBeUndefined();
  });

  it('a village has every second turn beside a city, however many of the city’s works wait', async () => {
    const done: string[] = [];
    const city = Array.from({ length: 8 }, () => compute(new Slices(LANES.person, 'city'), 'city', 20, done));
    await compute(new Slices(LANES.person, 'village'), 'village', 10, done);
    expect(done.filter((name) => name === 'city').length).toBeLessThanOrEqual(11);
    await Promise.all(city);
    expect(done).toHaveLength(170);
  });

  it('a campaign being planned goes before people, people before files, and files go on', async () => {
    const done: string[] = [];
    const works = [
      compute(new Slices(LANES.file, 'a'), 'file', 20, done),
      compute(new Slices(LANES.person, 'b'), 'person', 20, done),
      compute(new Slices(LANES.dispatch, 'c'), 'dispatch', 20, done),
    ];
    await Promise.all(works);
    const last = (name: string): number => done.lastIndexOf(name);
    expect(last('dispatch')).toBeLessThan(last('person'));
    expect(last('person')).toBeLessThan(last('file'));
    expect(done.slice(0, 20).filter((name) => name === 'file').length).toBeGreaterThanOrEqual(4);
  });

  it('answers calls between two slices', async () => {
    const done: string[] = [];
    const long = compute(new Slices(LANES.file, 'city'), 'slice', 50, done);
    for (let call = 1; call <= 5; call += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(done.length).toBeLessThanOrEqual(call);
    }
    await long;
  });
});
