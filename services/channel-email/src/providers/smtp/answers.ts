import type { FailureReason, SubmitAnswer } from '@tocsin/channel-kit';

/** The command a relay answered, as it decides what a code without an enhanced status means. */
export type SmtpStage = 'MAIL' | 'RCPT' | 'DATA';

type Verdict = FailureReason | 'THROTTLED';

/**
 * Enhanced status codes (RFC 3463 and the IANA registry) by "class.subject.detail", the most exact row first; "x" stands for any number.
 * A row decides before the basic code does. Whether a reason is tried again is the kit's business.
 */
const ENHANCED: readonly (readonly [pattern: string, verdict: Verdict, why: string])[] = [
  ['4.7.0', 'THROTTLED', 'the common answer of relays that limit a sender'],
  ['4.7.28', 'THROTTLED', 'Google: unusual rate of mail'],
  ['4.7.1', 'GREYLISTED', 'Postfix postgrey and most milters: come back later'],
  ['4.2.0', 'GREYLISTED', 'Postgrey under Postfix defaults'],
  ['4.2.2', 'MAILBOX_FULL', 'over quota, may be emptied'],
  ['4.3.1', 'PROVIDER_BUSY', 'the relay has no disk left'],
  ['4.3.2', 'PROVIDER_BUSY', 'not taking mail now'],
  ['4.4.5', 'THROTTLED', 'congestion'],
  ['4.5.3', 'THROTTLED', 'too many recipients or messages on one connection'],
  ['4.x.x', 'PROVIDER_BUSY', 'any other passing trouble'],
  ['5.1.1', 'ADDRESS_UNKNOWN', 'no such mailbox'],
  ['5.1.2', 'ADDRESS_UNKNOWN', 'no such domain'],
  ['5.1.3', 'ADDRESS_REFUSED', 'not written as an address'],
  ['5.1.6', 'ADDRESS_UNKNOWN', 'moved, no forwarding'],
  ['5.1.7', 'SENDER_REFUSED', 'sender not written as an address'],
  ['5.1.8', 'SENDER_REFUSED', "sender's domain is wrong"],
  ['5.1.10', 'ADDRESS_UNKNOWN', 'the domain takes no mail (null MX)'],
  ['5.2.1', 'ADDRESS_UNKNOWN', 'mailbox disabled'],
  ['5.2.2', 'MAILBOX_FULL', 'over quota, and the relay has given up'],
  ['5.2.3', 'CONTENT_REFUSED', 'too large for this mailbox'],
  ['5.3.4', 'CONTENT_REFUSED', 'too large for the relay'],
  ['5.4.1', 'ADDRESS_UNKNOWN', 'Microsoft: recipient rejected by directory'],
  ['5.6.x', 'CONTENT_REFUSED', 'the content cannot be carried'],
  ['5.7.9', 'SENDER_REFUSED', 'authentication too weak'],
  ['5.7.20', 'SENDER_REFUSED', 'no DKIM signature passes'],
  ['5.7.21', 'SENDER_REFUSED', 'no acceptable DKIM signature'],
  ['5.7.22', 'SENDER_REFUSED', 'the DKIM signature is not the author’s'],
  ['5.7.23', 'SENDER_REFUSED', 'SPF fails'],
  ['5.7.25', 'SENDER_REFUSED', 'reverse DNS fails'],
  ['5.7.26', 'SENDER_REFUSED', 'several authentication checks fail'],
  ['5.7.27', 'SENDER_REFUSED', "sender's domain takes no mail"],
  ['5.7.1', 'PROVIDER_REFUSED', 'policy: relaying denied, blocked sender, spam; the text says which and nobody can rely on it'],
  ['5.x.x', 'PROVIDER_REFUSED', 'any other refusal for good'],
];

/** Basic codes where the relay gives no enhanced status, by the command that was answered. */
const BASIC: Readonly<Record<SmtpStage, Readonly<Record<number, Verdict>>>> = {
  MAIL: {
    421: 'THROTTLED',
    450: 'THROTTLED',
    451: 'THROTTLED',
    452: 'PROVIDER_BUSY',
    530: 'SENDER_REFUSED',
    550: 'SENDER_REFUSED',
    553: 'SENDER_REFUSED',
    554: 'SENDER_REFUSED',
  },
  RCPT: {
    421: 'THROTTLED',
    450: 'GREYLISTED',
    451: 'GREYLISTED',
    452: 'MAILBOX_FULL',
    550: 'ADDRESS_UNKNOWN',
    551: 'ADDRESS_REFUSED',
    552: 'MAILBOX_FULL',
    553: 'ADDRESS_REFUSED',
    554: 'ADDRESS_REFUSED',
  },
  DATA: {
    421: 'THROTTLED',
    450: 'PROVIDER_BUSY',
    451: 'PROVIDER_BUSY',
    452: 'PROVIDER_BUSY',
    550: 'CONTENT_REFUSED',
    552: 'CONTENT_REFUSED',
    554: 'CONTENT_REFUSED',
  },
};

/** What a relay's refusal means. Pure. The code kept for people is the number and the enhanced status, never the text: it may quote the mailbox. */
export function judgeAnswer(stage: SmtpStage, response: string): SubmitAnswer {
  const [, digits = '', enhanced = ''] = /^(\d{3})[ -]?(?:(\d\.\d{1,3}\.\d{1,3})(?:\s|$))?/.exec(response) ?? [];
  const code = [digits, enhanced].filter((part) => part !== '').join(' ');
  const basic = Number(digits);
  const verdict = basic >= 400 && basic < 600 ? verdictOf(stage, basic, enhanced, response) : undefined;
  if (verdict === undefined) return { kind: 'failed', reason: 'UNKNOWN_ANSWER', code: code === '' ? 'unreadable' : code };
  return verdict === 'THROTTLED' ? { kind: 'throttled', code } : { kind: 'failed', reason: verdict, code };
}

function verdictOf(stage: SmtpStage, basic: number, enhanced: string, response: string): Verdict | undefined {
  // 421 closes the connection whatever follows it: nothing was taken and the same mail goes out later.
  if (basic === 421) return 'THROTTLED';
  if (basic < 500 && /gr[ea]y-?list/i.test(response)) return 'GREYLISTED';
  const row = enhanced.startsWith(digitOf(basic)) ? ENHANCED.find(([pattern]) => matches(pattern, enhanced)) : undefined;
  return row?.[1] ?? BASIC[stage][basic];
}

function digitOf(basic: number): string {
  return `${Math.floor(basic / 100)}.`;
}

function matches(pattern: string, enhanced: string): boolean {
  const parts = enhanced.split('.');
  return pattern.split('.').every((want, at) => want === 'x' || want === parts[at]);
}
