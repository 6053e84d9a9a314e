import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacedTurns } from './paced-turns.js';

const RATE = 1_000;

describe('paced turns', () => {
  let turns: PacedTurns;
  let through: number[];

  beforeEach(() => {
    vi.useFakeTimers();
    turns = new PacedTurns(RATE, { monotonic: () => performance.now() });
    through = [];
  });

  afterEach(() => void vi.useRealTimers());

  const come = (count: number): void => {
    for (let one = 0; one < count; one++) {
      const order = through.length + turns.waiting;
      const turn = turns.next();
      if (turn) void turn.then(() => through.push(order));
      else through.push(order);
    }
  };

  it('lets who comes at less than the rate through at once', async () => {
    for (let ms = 0; ms < 1_000; ms += 10) {
      come(9);
      expect(turns.waiting).toBe(0);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(through).toHaveLength(900);
  });

  it('keeps the rate when all come together, in the order they came, and leaves none behind', async () => {
    come(1_500);
    expect(through.length).toBeLessThanOrEqual(11);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(through.length).toBeGreaterThan(980);
    expect(through.length).toBeLessThan(1_025);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(through).toEqual(Array.from({ length: 1_500 }, (_, order) => order));
  });

  it('sends away who comes when two seconds of the rate wait already', async () => {
    come(2 * RATE + 10);
    await expect(turns.next()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'TOO_MANY_WAIT' });
  });

  it('lets nobody through after the end', async () => {
    come(100);
    turns.close();
    const before = through.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect([turns.waiting, through.length]).toEqual([0, before]);
  });
});
