import { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { describe, expect, it } from 'vitest';
import { boardLines, type BoardRow } from './board.js';

const row = (name: string, change: Partial<BoardRow> = {}): BoardRow => ({
  name,
  expected: 100,
  tally: undefined,
  releasedAt: 0,
  finishedAt: 0,
  ...change,
});
const half = Tally.fromPartial({ terminal: 50, channels: [{ channel: 'sms', handedOver: 60, deliveries: 100 }] });

describe('the board', () => {
  it('sums up first, then shows those under way with their channels', () => {
    const lines = boardLines(
      [row('Nice', { releasedAt: 1, tally: half }), row('Rodez'), row('Bailleul', { releasedAt: 1, finishedAt: 2 })],
      2_000,
    );
    expect(lines[0]).toBe('2 s: 2 of 3 released, 1 finished, 50 of 300 recipients terminal, 60 handed over (30/s)');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^Nice +#{15}\.{15} +50\/100 +sms 60\/100$/);
  });

  it('fits a small screen', () => {
    const many = Array.from({ length: 30 }, (_, index) => row(`c${index}`, { releasedAt: 1 }));
    expect(boardLines(many, 1_000)).toHaveLength(18);
    expect(boardLines(many, 1_000).at(-1)).toBe('... and 14 more');
  });
});
