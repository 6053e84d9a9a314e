import { describe, expect, it } from 'vitest';
import { joinLedgers } from './join.js';
import { achievedRate } from './rates.js';
import { readLedger, type Acceptance } from './read-ledger.js';

const tenants = [
  {
    key: '1-a',
    insee: 'a',
    name: 'A',
    kind: 'city' as const,
    file: '',
    recipients: 2,
    stops: [],
    reach: { sms: ['+1', '+2'], email: ['x@y'] },
  },
];
const took = (deliveryId: string, to: string, at: number): Acceptance => ({ deliveryId, to, at });

describe('the join of ledgers and manifest', () => {
  const rows: readonly { says: string; sms: readonly Acceptance[]; expected: { lost: number; duplicates: number; unexpected: number } }[] =
    [
      {
        says: 'everyone reached once',
        sms: [took('d1', '+1', 1), took('d2', '+2', 2)],
        expected: { lost: 0, duplicates: 0, unexpected: 0 },
      },
      { says: 'one address without acceptance is lost', sms: [took('d1', '+1', 1)], expected: { lost: 1, duplicates: 0, unexpected: 0 } },
      {
        says: 'the same delivery twice is one duplicate',
        sms: [took('d1', '+1', 1), took('d1', '+1', 3), took('d2', '+2', 2)],
        expected: { lost: 0, duplicates: 1, unexpected: 0 },
      },
      {
        says: 'a number nobody named is unexpected',
        sms: [took('d1', '+1', 1), took('d2', '+2', 2), took('d3', '+3', 2)],
        expected: { lost: 0, duplicates: 0, unexpected: 1 },
      },
    ];
  it.each(rows)('$says', ({ sms, expected }) => {
    expect(
      joinLedgers(
        tenants,
        new Map([
          ['sms', sms],
          ['email', [took('m1', 'x@y', 5)]],
        ]),
      ),
    ).toMatchObject(expected);
  });

  it('tells first and last acceptance of a municipality over all channels', () => {
    const joined = joinLedgers(
      tenants,
      new Map([
        ['sms', [took('d1', '+1', 10)]],
        ['email', [took('m1', 'x@y', 50)]],
      ]),
    );
    expect(joined.tenants['a']).toEqual({ first: 10, last: 50, accepted: 2 });
  });
});

describe('a ledger file', () => {
  it('counts from a moment on and leaves out a last line that was cut', () => {
    const text = `${JSON.stringify(took('d1', '+1', 5))}\n${JSON.stringify(took('d2', '+2', 9))}\n{"deliveryId":"d3`;
    expect(readLedger(text, 9).map(({ deliveryId }) => deliveryId)).toEqual(['d2']);
  });

  it('goes on after a line that was cut', () => {
    expect(readLedger(`{"deliveryId":"d1\n${JSON.stringify(took('d2', '+2', 9))}\n`, 0).map(({ deliveryId }) => deliveryId)).toEqual([
      'd2',
    ]);
  });
});

describe('achieved rates', () => {
  it('takes the mean over the run and the peak of any second', () => {
    expect(achievedRate([0, 900, 1_100, 1_850, 4_000])).toEqual({ mean: 1.3, peak: 3 });
  });
});
