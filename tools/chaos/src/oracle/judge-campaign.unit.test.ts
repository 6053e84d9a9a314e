import { describe, expect, it } from 'vitest';
import { judgeCampaign, notOver, type Intent, type ReportedRecipient, type Verdict } from './judge-campaign.js';
import { OracleLedger } from './oracle-ledger.js';

const CAMPAIGN = 'cmp_A';
const EXPIRES = 100_000;
/** Contacts 1, 2 and 3: none has a mailbox. */
const intent: Intent = {
  numbers: { first: 1, count: 3 },
  named: 3,
  channels: ['sms'],
  mode: 'parallel',
  expiresAt: EXPIRES,
  stoppedAt: undefined,
};

const id = (contact: number): string => `${CAMPAIGN}.0.${contact}.sms`;
const line = (contact: number, at = 10, more: object = {}): string =>
  JSON.stringify({ deliveryId: id(contact), part: 1, at, to: `+3379000000${contact}`, ...more });
const row = (contact: number, state = 'delivered', more: object = {}): ReportedRecipient => ({
  contactId: `con_${contact}`,
  terminal: true,
  state,
  deliveries: [{ deliveryId: id(contact), state, reason: '', possibleDuplicate: false, submitted: true, ...more }],
});

const judge = (lines: readonly string[], rows: readonly ReportedRecipient[], asked: Partial<Intent> = {}): Verdict => {
  const ledger = new OracleLedger();
  for (const one of lines) ledger.add('sms', one);
  return judgeCampaign({ ...intent, ...asked }, ledger.of(CAMPAIGN), rows);
};

const ALL = [line(1), line(2), line(3)];
const REPORTED = [row(1), row(2), row(3)];
const FINE = { recipients: 3, lost: 0, unterminated: 0, duplicates: 0, unmarked: 0, afterExpiry: 0, strangers: 0 };

describe('the judgement of a campaign', () => {
  const rows: readonly { says: string; verdict: Verdict; expected: Partial<Verdict> }[] = [
    { says: 'nothing is wrong when everybody was taken once and reported so', verdict: judge(ALL, REPORTED), expected: FINE },
    {
      says: 'an end with its reason needs no acceptance',
      verdict: judge(ALL.slice(1), [row(1, 'expired', { reason: 'EXPIRED' }), ...REPORTED.slice(1)]),
      expected: FINE,
    },
    {
      says: 'an end without a reason is a loss',
      verdict: judge(ALL.slice(1), [row(1, 'failed'), ...REPORTED.slice(1)]),
      expected: { ...FINE, lost: 1 },
    },
    {
      says: 'one who is reported as delivered and whom no provider knows is lost',
      verdict: judge(ALL.slice(1), REPORTED),
      expected: { ...FINE, lost: 1 },
    },
    { says: 'one whom the report does not name is lost', verdict: judge(ALL, REPORTED.slice(1)), expected: { ...FINE, lost: 2 } },
    {
      says: 'one who waits is unterminated, and lost while nothing was taken',
      verdict: judge(ALL.slice(1), [{ ...row(1, 'requested'), terminal: false }, ...REPORTED.slice(1)]),
      expected: { ...FINE, lost: 1, unterminated: 1 },
    },
    {
      says: 'the same delivery taken twice is a duplicate nobody marked',
      verdict: judge([...ALL, line(2, 20)], REPORTED),
      expected: { ...FINE, duplicates: 1, unmarked: 1 },
    },
    {
      says: 'a duplicate that is marked is still one',
      verdict: judge([...ALL, line(2, 20)], [row(1), row(2, 'delivered', { possibleDuplicate: true }), row(3)]),
      expected: { ...FINE, duplicates: 1, unmarked: 0 },
    },
    {
      says: 'parts of one message are no duplicates',
      verdict: judge([...ALL, line(2, 20, { part: 2 })], REPORTED),
      expected: FINE,
    },
    {
      says: 'a second delivery to the same address is a duplicate, whatever its id',
      verdict: judge([...ALL, line(4, 20, { to: '+33790000002' })], [...REPORTED, row(4)], { numbers: { first: 1, count: 4 }, named: 4 }),
      expected: { recipients: 4, lost: 0, duplicates: 1, unmarked: 1 },
    },
    {
      says: 'a number of nobody in the register is a stranger',
      verdict: judge([line(1), line(2), line(3, 10, { to: '+33790000009' })], REPORTED),
      expected: { ...FINE, strangers: 1 },
    },
    {
      says: 'what came in after the expiry is too late',
      verdict: judge([line(1), line(2), line(3, EXPIRES + 501)], REPORTED),
      expected: { ...FINE, afterExpiry: 1 },
    },
    {
      says: 'what a slow provider took later but had before is in time',
      verdict: judge([line(1), line(2), line(3, EXPIRES + 4_000, { arrived: EXPIRES - 1 })], REPORTED),
      expected: FINE,
    },
    {
      says: 'what came in two seconds after the answer to a stop is too late',
      verdict: judge([line(1), line(2, 2_900), line(3, 3_001)], REPORTED, { stoppedAt: 1_000 }),
      expected: { ...FINE, afterExpiry: 1 },
    },
  ];
  it.each(rows)('$says', ({ verdict, expected }) => {
    expect(verdict).toMatchObject(expected);
  });

  it('leaves out a line that a crash of the stand-in cut', () => {
    const ledger = new OracleLedger();
    for (const one of [...ALL, line(3).slice(0, -9)]) ledger.add('sms', one);
    expect(ledger.total).toBe(3);
  });

  it('is not well with a campaign that is not over, whatever its report says', () => {
    const verdict = notOver(judge(ALL, REPORTED));
    expect(verdict).toMatchObject({ ...FINE, unterminated: 1 });
    expect(verdict.examples[0]).toContain('not over');
  });
});
