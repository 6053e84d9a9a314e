import { describe, expect, it } from 'vitest';
import { makeHistoryResult, type HistoryFacts } from './history-result.js';
import type { RoundSamples } from './measure-round.js';

const round = (by: number): RoundSamples => ({
  handOver: [80 * by, 100 * by, 300 * by],
  preview: [10 * by],
  report: [20 * by],
  pastReport: [],
  list: [5 * by],
  start: [4 * by],
  restart: [3 * by],
  cpu: [200 * by],
});
const facts: HistoryFacts = {
  machine: { cores: 2, cpu: 'some', node: '24.0.0', memMiB: 1_024 },
  ground: { kind: 'embedded' },
  history: { campaigns: 33_000, deliveries: 3_500_000, tenants: 800, contacts: 160_000, seconds: 60, storeMiB: 300 },
  empty: [round(1), round(1)],
  full: [round(1.05), round(1.2)],
  trimming: [round(2)],
  slicesRemoved: 400,
};

describe('the result of the history benchmark', () => {
  it('is the ratio of the medians of all rounds, met up to 1.1', () => {
    const { lines, figures } = makeHistoryResult(facts);
    expect(figures['handOver']?.full.samples).toBe(6);
    expect(lines.handOver).toEqual({ measured: 1.13, target: 1.1, met: false });
    expect(makeHistoryResult({ ...facts, full: [round(1.1)] }).lines.cpu.met).toBe(true);
    expect(makeHistoryResult({ ...facts, full: [round(1.104)] }).lines.cpu).toEqual({ measured: 1.1, target: 1.1, met: false });
  });

  it('keeps the start beside retention out of the lines', () => {
    const { lines, figures } = makeHistoryResult(facts);
    expect(figures['restart']?.trimming.median).toBe(6);
    expect(makeHistoryResult({ ...facts, trimming: [] }).lines).toEqual(lines);
  });
});
