import { describe, expect, it } from 'vitest';
import { REDACTED, redactFields, redactText } from './redact.js';

describe('redactText', () => {
  const hidden = [
    ['an E.164 number', 'to +33612345678 failed', `to ${REDACTED} failed`],
    ['an E.164 number with spaces', '+33 6 12 34 56 78', REDACTED],
    ['a 00 number', '0033612345678', REDACTED],
    ['a French number', 'call 06 12 34 56 78 now', `call ${REDACTED} now`],
    ['a French number with dots', '06.12.34.56.78', REDACTED],
    ['a French number without separators', 'n=0612345678;', `n=${REDACTED};`],
    ['an international number without plus', '33612345678', REDACTED],
    ['a mailbox', 'rcpt <jeanne.martin@example.fr> refused', `rcpt <${REDACTED}> refused`],
    ['credentials in a URI', 'mongodb://user:pa55@db:27017/x', `mongodb://user:${REDACTED}:27017/x`],
    ['a bearer token', 'authorization: Bearer abc.def-123', `authorization: ${REDACTED}`],
    ['a key', 'used tok_key01_s3cr3t-x', `used ${REDACTED}`],
  ] as const;
  it.each(hidden)('cuts %s', (_what, text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  const kept = [
    ['a ULID', 'cmp_01KB0T5V0612345678ABCDEFGH'],
    ['a delivery id', 'cmp_01KAY9V8T6V4W2ZK3M5N7P9QRS.12.249.sms#2'],
    ['a time', '2026-11-25T19:17:40.123Z'],
    ['Unix milliseconds', '1764098260123'],
    ['a broker', '127.0.0.1:17400'],
    ['a trace id', '0af7651916cd43dd8448eb211c80319c'],
    ['a contact id', 'con_599_249'],
  ] as const;
  it.each(kept)('keeps %s', (_what, text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('redactFields', () => {
  it('replaces fields by their name whatever they hold', () => {
    expect(redactFields({ text: 'Évacuez', To: 'x', api_key: 'k', variables: { name: 'Jeanne' }, topic: 'a.b' })).toEqual({
      text: REDACTED,
      To: REDACTED,
      api_key: REDACTED,
      variables: REDACTED,
      topic: 'a.b',
    });
  });

  it('finds shapes at any depth, in lists, maps, keys, causes and numbers', () => {
    const error = new Error('no route to +33612345678', { cause: new Error('0612345678') });
    const clean = JSON.stringify(
      redactFields({ a: [{ b: { c: 'jeanne@example.fr' } }], m: new Map([['+33612345678', 1]]), n: 33612345678, error, id: 5n }),
    );
    expect(clean).not.toMatch(/612345678|jeanne/);
    expect(clean).toContain('"id":"5"');
  });

  it('bounds what it keeps', () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    expect(JSON.stringify(redactFields(loop)).length).toBeLessThan(200);
    expect(redactText('x'.repeat(10_000)).length).toBeLessThan(4_100);
    expect(redactFields({ bytes: Buffer.alloc(9) })).toEqual({ bytes: '[9 bytes]' });
  });
});
