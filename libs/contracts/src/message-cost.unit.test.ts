import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { messageCost, textLength, NOT_GSM7 } from './message-cost.js';

const ROWS: readonly {
  readonly says: string;
  readonly literal: string;
  readonly values: Readonly<Record<string, string>>;
  readonly cost: number;
}[] = [
  { says: 'an empty text is one part', literal: '', values: {}, cost: 1 },
  { says: '160 plain characters are one part', literal: 'a'.repeat(160), values: {}, cost: 1 },
  { says: 'the 161st character makes two', literal: 'a'.repeat(161), values: {}, cost: 2 },
  { says: '306 plain characters are two parts', literal: 'a'.repeat(306), values: {}, cost: 2 },
  { says: '307 plain characters are three', literal: 'a'.repeat(307), values: {}, cost: 3 },
  { says: 'the euro sign takes two septets', literal: `${'a'.repeat(159)}€`, values: {}, cost: 2 },
  { says: 'é, à and ù are GSM characters', literal: 'é'.repeat(80) + 'à'.repeat(80), values: {}, cost: 1 },
  { says: 'ê forces 70-character parts', literal: `Alerte tempête ${'a'.repeat(56)}`, values: {}, cost: 2 },
  { says: '70 characters with ê are one part', literal: `ê${'a'.repeat(69)}`, values: {}, cost: 1 },
  { says: '134 are two and', literal: `ê${'a'.repeat(133)}`, values: {}, cost: 2 },
  { says: '135 are three', literal: `ê${'a'.repeat(134)}`, values: {}, cost: 3 },
  { says: 'an emoji counts two units', literal: `${'😀'.repeat(35)}`, values: {}, cost: 1 },
  { says: 'a variable that is long pushes it over', literal: 'a'.repeat(155), values: { first_name: 'Martin' }, cost: 2 },
  { says: 'a variable outside GSM-7 turns all into UCS-2', literal: 'a'.repeat(100), values: { first_name: 'François' }, cost: 2 },
];

describe('the cost of an SMS by lengths', () => {
  it.each(ROWS)('$says', ({ literal, values, cost }) => {
    const lengths = Object.entries(values).map(([name, value]) => ({ name, ...textLength(value) }));
    expect(messageCost('segment', literal, Object.keys(values), lengths)).toBe(cost);
    const whole = literal + Object.values(values).join('');
    // The library counts no segment for an empty text; the carrier bills one.
    expect(Math.max(1, new SegmentedMessage(whole).segmentsCount)).toBe(cost);
  });

  it('counts a variable as often as it is used', () => {
    const lengths = [{ name: 'city', ...textLength('x'.repeat(60)) }];
    expect(messageCost('segment', '', ['city', 'city'], lengths)).toBe(1);
    expect(messageCost('segment', '', ['city', 'city', 'city'], lengths)).toBe(2);
  });

  it('counts one for a mail whatever its length', () => {
    expect(messageCost('message', 'a'.repeat(10_000), [], [])).toBe(1);
  });

  it('says when GSM-7 cannot write a text', () => {
    expect(textLength('ça')).toEqual({ gsm7: NOT_GSM7, ucs2: 2 });
    expect(textLength('[€]')).toEqual({ gsm7: 6, ucs2: 3 });
  });
});
