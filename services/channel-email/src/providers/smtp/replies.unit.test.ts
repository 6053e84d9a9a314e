import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REPLY, ReplyReader } from './replies.js';

const ANSWERS = '220 relay\r\n250-relay\r\n250-PIPELINING\r\n250 SIZE 100\r\n354 go on\n250\r\n';

describe('answers of a relay', () => {
  it('are the same however they are cut', () => {
    const whole = new ReplyReader().take(ANSWERS);
    expect(whole).toEqual([
      { code: 220, text: '220 relay' },
      { code: 250, text: '250-relay\n250-PIPELINING\n250 SIZE 100' },
      { code: 354, text: '354 go on' },
      { code: 250, text: '250' },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: ANSWERS.length })), (cuts) => {
        const reader = new ReplyReader();
        const places = [0, ...cuts.toSorted((a, b) => a - b), ANSWERS.length];
        expect(places.slice(1).flatMap((end, at) => reader.take(ANSWERS.slice(places[at], end)))).toEqual(whole);
        expect(reader.empty).toBe(true);
      }),
    );
  });

  it('are not empty while one is under way', () => {
    const reader = new ReplyReader();
    reader.take('250-relay\r\n');
    expect(reader.empty).toBe(false);
    reader.take('250 ok\r\n2');
    expect(reader.empty).toBe(false);
  });

  it.each([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a line without end', '2'.repeat(MAX_REPLY + 1)],
    ['an answer without end', '250-more\r\n'.repeat(MAX_REPLY / 8 + 1)],
  ])('%s is refused', (_label, octets) => {
    expect(() => new ReplyReader().take(octets)).toThrow(RangeError);
  });
});
