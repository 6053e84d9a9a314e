import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, it } from 'vitest';
import { encodeGsm7 } from './gsm7.js';
import { segment } from './segments.js';

const FRENCH = Array.from('abcdefghijklmnopqrstuvwxyz éèàùìòÇ€{}[]~|^\\.,:;!?0123456789ABCDEFÉ\n');
const COSTLY = Array.from('êôîâçëïœ’');

describe('segments', () => {
  it.each([
    ['160 septets are one part', 'a'.repeat(160), 0, 1],
    ['161 septets are two', 'a'.repeat(161), 0, 2],
    ['an euro sign takes two septets', `${'a'.repeat(159)}€`, 0, 2],
    ['an escape pair is not torn at 153', `${'a'.repeat(152)}€${'a'.repeat(20)}`, 0, 2],
    ['é and à are in the alphabet', 'é à É è ù', 0, 1],
    ['ê is not: 70 characters', `forêt${'a'.repeat(65)}`, 8, 1],
    ['71 of them are two', `forêt${'a'.repeat(66)}`, 8, 2],
    ['a surrogate pair is not torn at 67', `ê${'a'.repeat(65)}😀${'a'.repeat(20)}`, 8, 2],
    ['nothing is one empty part', '', 0, 1],
  ])('%s', (_label, text, dataCoding, parts) => {
    const cut = segment(text);
    expect(cut.dataCoding).toBe(dataCoding);
    expect(cut.parts).toHaveLength(parts);
    const whole = Buffer.concat(cut.parts);
    expect(dataCoding === 8 ? Buffer.from(whole).swap16().toString('utf16le') : whole).toEqual(dataCoding === 8 ? text : encodeGsm7(text));
    const most = dataCoding === 8 ? { 1: 140, 2: 134 } : { 1: 160, 2: 153 };
    for (const part of cut.parts) expect(part.length).toBeLessThanOrEqual(most[parts === 1 ? 1 : 2]);
  });

  it('counts as sms-segments-calculator does, in both alphabets', () => {
    const characters = fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom(...FRENCH) },
      { weight: 1, arbitrary: fc.constantFrom(...COSTLY) },
    );
    fc.assert(
      fc.property(fc.array(characters, { minLength: 1, maxLength: 500 }), (letters) => {
        const text = letters.join('');
        const theirs = new SegmentedMessage(text);
        const ours = segment(text);
        expect(ours.dataCoding).toBe(theirs.getEncodingName() === 'GSM-7' ? 0 : 8);
        expect(ours.parts.length).toBe(theirs.segmentsCount);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});
