import { describe, expect, it } from 'vitest';
import { CHUNK_ROWS, RowBudget } from './row-budget.js';

/** Lets so many imports read a row each in turn, writing a chunk (at once) when it is due; answers the most rows held and the sizes of chunks. */
function readSideBySide(imports: number, rowsEach: number): { most: number; chunks: number[] } {
  const budget = new RowBudget();
  const pending = Array.from({ length: imports }, () => 0);
  const chunks: number[] = [];
  for (let one = 0; one < imports; one += 1) budget.enter();
  let held = 0;
  let most = 0;
  for (let row = 0; row < rowsEach; row += 1) {
    for (let one = 0; one < imports; one += 1) {
      budget.take();
      held += 1;
      const rows = (pending[one] ?? 0) + 1;
      pending[one] = rows;
      most = Math.max(most, held);
      if (!budget.isDue(rows)) continue;
      budget.release(rows);
      held -= rows;
      pending[one] = 0;
      chunks.push(rows);
    }
  }
  return { most, chunks };
}

describe('rows held by imports', () => {
  it('one import writes whole chunks', () => {
    expect(readSideBySide(1, 100_000).chunks).toEqual([CHUNK_ROWS, CHUNK_ROWS]);
  });

  it('forty of them hold no more than two or three do', () => {
    const { most, chunks } = readSideBySide(40, 10_000);
    expect(most).toBeLessThanOrEqual(100_000 + 40);
    expect(Math.min(...chunks)).toBeGreaterThanOrEqual(2_500);
  });

  it('an import that has ended leaves its part to the others', () => {
    const budget = new RowBudget();
    const leave = budget.enter();
    budget.enter();
    for (let row = 0; row < 100_000; row += 1) budget.take();
    expect(budget.isDue(39_999)).toBe(false);
    expect(budget.isDue(CHUNK_ROWS)).toBe(true);
    leave();
    expect(budget.isDue(39_999)).toBe(false);
    for (let more = 0; more < 4; more += 1) budget.enter();
    // Five are left: each has a fifth, and not the sixth that it would have beside one more.
    expect(budget.isDue(19_999)).toBe(false);
    expect(budget.isDue(20_000)).toBe(true);
  });
});
