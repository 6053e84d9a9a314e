import { describe, expect, it } from 'vitest';
import type { ReportedRecipient, Verdict } from './judge-campaign.js';
import { judgeCorrection, type Sent } from './judge-correction.js';
import { OracleLedger } from './oracle-ledger.js';

const INTENT = {
  numbers: { first: 1, count: 3 },
  channels: ['sms'],
  mode: 'parallel' as const,
  expiresAt: 1_000_000,
  stoppedAt: undefined,
};

/** Contacts with the moment at which their message came in; undefined = nothing was taken for them. */
function sent(campaign: string, came: Readonly<Record<number, number | undefined>>): Sent {
  const ledger = new OracleLedger();
  const report: ReportedRecipient[] = [];
  for (const [contact, at] of Object.entries(came)) {
    const deliveryId = `${campaign}.0.${contact}.sms`;
    if (at !== undefined) ledger.add('sms', JSON.stringify({ deliveryId, part: 1, at, to: `+3379000000${contact}` }));
    const state = at === undefined ? 'cancelled' : 'delivered';
    const reason = at === undefined ? 'CANCELLED' : '';
    report.push({
      contactId: `con_${contact}`,
      terminal: true,
      state,
      deliveries: [{ deliveryId, state, reason, possibleDuplicate: false, submitted: at !== undefined }],
    });
  }
  return { taken: ledger.of(campaign), report };
}

const judge = (original: Record<number, number | undefined>, correction: Record<number, number | undefined>): Verdict =>
  judgeCorrection(INTENT, sent('cmp_A', original), sent('cmp_B', correction));

describe('the judgement of a correction', () => {
  const rows: readonly { says: string; verdict: Verdict; expected: Partial<Verdict> }[] = [
    {
      says: 'all is well when those who were told are told again, later',
      verdict: judge({ 1: 10, 2: 20, 3: undefined }, { 1: 30, 2: 40 }),
      expected: { recipients: 2, lost: 0, overtaken: 0, strangers: 0 },
    },
    {
      says: 'one who was told and is not corrected is lost',
      verdict: judge({ 1: 10, 2: 20 }, { 1: 30 }),
      expected: { lost: 1, overtaken: 0, strangers: 0 },
    },
    {
      says: 'one who was never told is a stranger to it',
      verdict: judge({ 1: 10, 2: undefined }, { 1: 30, 2: 40 }),
      expected: { lost: 0, overtaken: 0, strangers: 1 },
    },
    {
      says: 'an original that comes in after its correction is overtaken',
      verdict: judge({ 1: 50, 2: 20 }, { 1: 30, 2: 40 }),
      expected: { lost: 0, overtaken: 1, strangers: 0 },
    },
  ];
  it.each(rows)('$says', ({ verdict, expected }) => {
    expect(verdict).toMatchObject(expected);
  });
});
