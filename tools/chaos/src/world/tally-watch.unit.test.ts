import { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { describe, expect, it } from 'vitest';
import { imbalance } from './tally-watch.js';

const tally = (fields: Partial<Tally>): Tally => Tally.fromPartial(fields);

describe('a tally at any instant', () => {
  const rows: readonly { says: string; tally: Tally; wrong: boolean }[] = [
    {
      says: 'adds up',
      tally: tally({ recipients: 6, delivered: 1, acceptedClosed: 1, failed: 1, cancelled: 1, pending: 2, terminal: 4 }),
      wrong: false,
    },
    { says: 'lacks one', tally: tally({ recipients: 6, delivered: 3, pending: 2, terminal: 3 }), wrong: true },
    { says: 'counts one twice', tally: tally({ recipients: 5, delivered: 4, pending: 2, terminal: 4 }), wrong: true },
    { says: 'has more recipients than there are contacts', tally: tally({ recipients: 8, pending: 8 }), wrong: true },
    { says: 'has more at an end than there are', tally: tally({ recipients: 2, pending: 2, terminal: 3 }), wrong: true },
  ];
  it.each(rows)('$says', ({ tally: given, wrong }) => {
    expect(imbalance(given, 7) !== undefined).toBe(wrong);
  });
});
