import { describe, expect, it } from 'vitest';
import { statusMeaning, statusName } from './status-table.js';

describe('answers to submit_sm', () => {
  it.each([
    ['throttled', 0x58, { kind: 'throttled' }],
    ['queue full', 0x14, { kind: 'throttled' }],
    ['invalid number', 0x0b, { kind: 'failed', reason: 'ADDRESS_UNKNOWN' }],
    ['sender not registered', 0x0a, { kind: 'failed', reason: 'SENDER_REFUSED' }],
    ['system error', 0x08, { kind: 'failed', reason: 'PROVIDER_UNAVAILABLE' }],
    ['bind lost', 0x04, { kind: 'not-submitted' }],
    ['a vendor status nobody knows', 0x4ff, { kind: 'failed', reason: 'UNKNOWN_ANSWER' }],
  ])('%s', (_label, status, meaning) => {
    expect(statusMeaning(status)).toEqual(meaning);
  });

  it('names what it knows and shows the number of the rest', () => {
    expect(statusName(0x58)).toBe('ESME_RTHROTTLED');
    expect(statusName(0x4ff)).toBe('0x000004ff');
  });
});
