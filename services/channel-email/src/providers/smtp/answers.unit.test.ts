import { describe, expect, it } from 'vitest';
import { judgeAnswer, type SmtpStage } from './answers.js';

const ROWS: readonly (readonly [label: string, stage: SmtpStage, response: string, verdict: string, code: string])[] = [
  ['our stand-in slows us down', 'MAIL', '451 4.7.0 too fast: slow down', 'throttled', '451 4.7.0'],
  ['the relay closes the connection', 'DATA', '421 4.3.2 shutting down', 'throttled', '421 4.3.2'],
  ['421 without a status', 'RCPT', '421 try later', 'throttled', '421'],
  ['too many recipients on one connection', 'RCPT', '452 4.5.3 too many recipients', 'throttled', '452 4.5.3'],
  ['postgrey under Postfix', 'RCPT', '450 4.2.0 <a@b>: Recipient address rejected: Greylisted', 'GREYLISTED', '450 4.2.0'],
  ['greylisting by its word only', 'RCPT', '451 Greylisting in action', 'GREYLISTED', '451'],
  ['grey listing under a throttling status', 'RCPT', '451 4.7.0 Graylisted, see policy', 'GREYLISTED', '451 4.7.0'],
  ['over quota for now', 'RCPT', '452 4.2.2 mailbox full', 'MAILBOX_FULL', '452 4.2.2'],
  ['no disk at the relay', 'MAIL', '452 4.3.1 insufficient storage', 'PROVIDER_BUSY', '452 4.3.1'],
  ['passing trouble nobody listed', 'DATA', '451 4.4.9 who knows', 'PROVIDER_BUSY', '451 4.4.9'],
  ['no such mailbox', 'RCPT', '550 5.1.1 no such user', 'ADDRESS_UNKNOWN', '550 5.1.1'],
  ['the domain takes no mail', 'RCPT', '556 5.1.10 null MX', 'ADDRESS_UNKNOWN', '556 5.1.10'],
  ['5.1.10 is not 5.1.1', 'RCPT', '550 5.1.3 bad address', 'ADDRESS_REFUSED', '550 5.1.3'],
  ['Haraka does not deliver there', 'RCPT', '550 I cannot deliver mail for {nobody@example.invalid}', 'ADDRESS_UNKNOWN', '550'],
  ['full for good', 'RCPT', '552 5.2.2 quota', 'MAILBOX_FULL', '552 5.2.2'],
  ['too large', 'DATA', '552 5.3.4 too big', 'CONTENT_REFUSED', '552 5.3.4'],
  ['spam after the content', 'DATA', '554 rejected as spam', 'CONTENT_REFUSED', '554'],
  ['SPF', 'DATA', '550 5.7.23 SPF', 'SENDER_REFUSED', '550 5.7.23'],
  ['policy', 'RCPT', '554 5.7.1 relay access denied', 'PROVIDER_REFUSED', '554 5.7.1'],
  ['sender unknown', 'MAIL', '550 5.1.8 bad sender domain', 'SENDER_REFUSED', '550 5.1.8'],
  ['a status of another class than the code is not believed', 'RCPT', '550 4.7.0 confused', 'ADDRESS_UNKNOWN', '550'],
  ['a code no table knows', 'DATA', '699 perhaps', 'UNKNOWN_ANSWER', '699'],
  ['success where a refusal was read', 'DATA', '250 ok', 'UNKNOWN_ANSWER', '250'],
  ['a basic code nobody listed', 'MAIL', '599 odd', 'UNKNOWN_ANSWER', '599'],
  ['not even a number', 'DATA', 'hello', 'UNKNOWN_ANSWER', 'unreadable'],
  ['several lines', 'RCPT', '550-5.1.1 The account\n550 5.1.1 does not exist', 'ADDRESS_UNKNOWN', '550 5.1.1'],
];

describe('what a relay’s answer means', () => {
  it.each(ROWS)('%s', (_label, stage, response, verdict, code) => {
    const answer = judgeAnswer(stage, response);
    expect(answer.kind === 'failed' ? answer.reason : answer.kind).toBe(verdict);
    expect('code' in answer && answer.code.startsWith(code)).toBe(true);
  });

  it('never keeps the text of an answer, which may quote the mailbox', () => {
    expect(judgeAnswer('RCPT', '550 5.1.1 <zoe@example.org> unknown')).toEqual({
      kind: 'failed',
      reason: 'ADDRESS_UNKNOWN',
      code: '550 5.1.1',
    });
  });
});
