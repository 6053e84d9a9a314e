import { describe, expect, it } from 'vitest';
import { tlsOf } from './tls.js';

describe('TLS of the public address', () => {
  it('comes with both files or with none', () => {
    expect(tlsOf({ tlsCert: undefined, tlsKey: undefined })).toEqual({});
    expect(tlsOf({ tlsCert: 'c.pem', tlsKey: 'k.pem' })).toEqual({ tls: { certificate: 'c.pem', key: 'k.pem' } });
  });

  it.each([
    ['a certificate without its key', { tlsCert: 'c.pem', tlsKey: undefined }],
    ['a key without its certificate', { tlsCert: undefined, tlsKey: 'k.pem' }],
  ])('%s is refused', (_label, config) => {
    expect(() => tlsOf(config)).toThrow(/together/);
  });
});
