import { describe, expect, it } from 'vitest';
import { makeReceiptsResult, type ReceiptsFacts } from './receipts-result.js';

const good = { recipients: 100, delivered: 95, failed: 5, open: 0 };

const spent = { seconds: 10, used: new Map([['kafka', 5]]) };

function result(change: Partial<ReceiptsFacts> = {}) {
  const waits = Array.from({ length: 100 }, (_, at) => 50 + at);
  const phases = [
    { storm: false, waits, receipts: 0, seconds: 10, spent },
    { storm: true, waits, receipts: 30_000, seconds: 10, spent },
  ];
  return makeReceiptsResult({
    machine: { cores: 2, cpu: '', node: '', memMiB: 0 },
    ground: {},
    setUpSeconds: 1,
    copies: 3,
    phases,
    tallied: [good],
    reportedFailed: 5,
    ...change,
  });
}

describe('what the storm of receipts came to', () => {
  it('is met when nothing is off and dispatch is as before', () => {
    const { figures, targets } = result();
    expect(figures.cores.storm).toEqual({ kafka: 0.5 });
    expect(figures.receiptsPerSecond).toEqual({ p50: 3_000, max: 3_000 });
    expect([targets.talliesOff.met, targets.dispatchP99TimesCalm]).toEqual([true, { measured: 1, target: 1.1, met: true }]);
  });

  it.each([
    ['a delivery still open', [{ ...good, open: 1 }], 5],
    ['one counted twice', [{ ...good, delivered: 96 }], 5],
    ['a failure counted as delivered', [{ ...good, delivered: 96, failed: 4 }], 5],
  ])('is not met with %s', (_says, tallied, reportedFailed) => {
    expect(result({ tallied, reportedFailed }).targets.talliesOff.met).toBe(false);
  });

  it('is not met when a storm slows dispatch', () => {
    const slower = Array.from({ length: 100 }, (_, at) => 70 + at);
    const phases = [
      { storm: false, waits: Array.from({ length: 100 }, (_, at) => 50 + at), receipts: 0, seconds: 10, spent },
      { storm: true, waits: slower, receipts: 1, seconds: 1, spent },
    ];
    expect(result({ phases }).targets.dispatchP99TimesCalm.met).toBe(false);
  });
});
