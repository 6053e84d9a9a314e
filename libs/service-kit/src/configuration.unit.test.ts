import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeConfiguration, describeFaults, readConfiguration } from './configuration.js';
import { addresses, duration, flag, integer, optional, text, url } from './setting-kinds.js';

const SETTINGS = {
  window: integer({ env: 'WINDOW', doc: 'Items.', default: 8, min: 1, max: 100 }),
  wait: duration({ env: 'WAIT', doc: 'How long.', default: 500, max: 60_000 }),
  loud: flag({ env: 'LOUD', doc: 'Noise.', default: false }),
  relay: addresses({ env: 'RELAY', doc: 'Relays.' }),
  hook: optional(url({ env: 'HOOK', doc: 'A hook.', protocols: ['https'] })),
  password: text({ env: 'PASSWORD', doc: 'A password.', default: '', secret: true }),
};
const SPEC = { name: 'channel-sms', settings: SETTINGS, peers: ['subscribers'] };
/** Any file does where one must be readable. */
const HERE = fileURLToPath(import.meta.url);
const BASE = {
  TOCSIN_KAFKA_BROKERS: 'a:1, b:2',
  TOCSIN_MONGO_URI: 'mongodb://user:pa55word@db:27017',
  TOCSIN_KEY_FILE: HERE,
  TOCSIN_KAFKA_CA: HERE,
  TOCSIN_MONGO_CA: HERE,
  TOCSIN_ADDRESSES_SUBSCRIBERS: 'h:7422',
  TOCSIN_CHANNEL_SMS_RELAY: '127.0.0.1:25,[::1]:26',
};

describe('readConfiguration', () => {
  it('reads shared, own and peer settings and fills defaults', () => {
    const { config, platform, httpPort, faults } = readConfiguration(SPEC, {
      ...BASE,
      TOCSIN_CHANNEL_SMS_WAIT: '2s',
      TOCSIN_CHANNEL_SMS_HTTP_PORT: '7431',
    });
    expect(faults).toEqual([]);
    expect(config).toEqual({ window: 8, wait: 2_000, loud: false, relay: ['127.0.0.1:25', '[::1]:26'], hook: undefined, password: '' });
    expect(platform).toMatchObject({
      kafkaBrokers: ['a:1', 'b:2'],
      mode: 'production',
      bindHost: '127.0.0.1',
      databasePrefix: 'tocsin_',
      topicPrefix: '',
    });
    expect(platform.addresses('subscribers')).toEqual({ near: ['h:7422'], far: [] });
    expect(() => platform.addresses('tenants')).toThrow('TOCSIN_ADDRESSES_TENANTS is required');
    expect(httpPort).toBe(7431);
  });

  const faulty = [
    ['a required variable that is missing', { TOCSIN_CHANNEL_SMS_RELAY: undefined }, 'TOCSIN_CHANNEL_SMS_RELAY is required. Relays.'],
    ['an empty one', { TOCSIN_KAFKA_BROKERS: '' }, 'TOCSIN_KAFKA_BROKERS is required.'],
    ['a missing peer', { TOCSIN_ADDRESSES_SUBSCRIBERS: undefined }, 'TOCSIN_ADDRESSES_SUBSCRIBERS is required.'],
    ['a number out of bounds', { TOCSIN_CHANNEL_SMS_WINDOW: '101' }, 'must be between 1 and 100'],
    ['no number', { TOCSIN_CHANNEL_SMS_WINDOW: 'many' }, 'must be a whole number'],
    ['a fraction', { TOCSIN_CHANNEL_SMS_WINDOW: '1.5' }, 'must be a whole number'],
    ['an unknown unit', { TOCSIN_CHANNEL_SMS_WAIT: '3 weeks' }, 'must be a duration'],
    ['too long a duration', { TOCSIN_CHANNEL_SMS_WAIT: '2min' }, 'must be between 0 and 60000 ms'],
    ['no boolean', { TOCSIN_CHANNEL_SMS_LOUD: 'maybe' }, 'must be true or false'],
    ['no host:port', { TOCSIN_CHANNEL_SMS_RELAY: 'localhost' }, '"localhost" is not host:port'],
    ['another protocol in an optional setting', { TOCSIN_CHANNEL_SMS_HOOK: 'http://x' }, 'must be an address starting with https://'],
    ['a key file that is not there', { TOCSIN_KEY_FILE: '/nowhere/key' }, '"/nowhere/key" cannot be read'],
    ['a false clock in production', { TOCSIN_CLOCK_SHIFT_DAYS: '1' }, 'TOCSIN_CLOCK_SHIFT_DAYS must be 0 in production'],
    ['brokers in the open in production', { TOCSIN_KAFKA_CA: undefined }, 'TOCSIN_KAFKA_CA is required in production off loopback.'],
    ['a store in the open in production', { TOCSIN_MONGO_CA: undefined }, 'TOCSIN_MONGO_CA is required in production off loopback.'],
    ['a user without a password', { TOCSIN_KAFKA_USER: 'routing' }, 'TOCSIN_KAFKA_PASSWORD_FILE is required with TOCSIN_KAFKA_USER and'],
    [
      'a user without TLS',
      { TOCSIN_MODE: 'development', TOCSIN_MONGO_CA: undefined, TOCSIN_MONGO_USER: 'x', TOCSIN_MONGO_PASSWORD_FILE: HERE },
      'TOCSIN_MONGO_CA is required with TOCSIN_MONGO_USER: nothing is proven without TLS.',
    ],
    ['a part of a certificate', { TOCSIN_LINK_KEY: HERE }, 'TOCSIN_LINK_CA is required with TOCSIN_LINK_CERTIFICATE, TOCSIN_LINK_KEY and'],
    ['an unknown mode', { TOCSIN_MODE: 'staging' }, 'must be one of development, production'],
  ] as const;
  it.each(faulty)('names the variable and the fault: %s', (_what, change, sentence) => {
    expect(describeFaults(readConfiguration(SPEC, { ...BASE, ...change }).faults)).toContain(sentence);
  });

  it.each([
    ['a store that says TLS itself', { TOCSIN_MONGO_CA: undefined, TOCSIN_MONGO_URI: 'mongodb://u:p@db:27017/?tls=true' }],
    [
      'loopback',
      {
        TOCSIN_KAFKA_CA: undefined,
        TOCSIN_KAFKA_BROKERS: '127.0.0.1:1,[::1]:2',
        TOCSIN_MONGO_URI: 'mongodb://localhost',
        TOCSIN_MONGO_CA: '',
      },
    ],
  ])('takes open links in production: %s', (_what, change) => {
    expect(readConfiguration(SPEC, { ...BASE, ...change }).faults).toEqual([]);
  });

  it('tells how to reach Kafka and the store, and as whom', () => {
    const { platform } = readConfiguration(SPEC, { ...BASE, TOCSIN_KAFKA_USER: 'channel-sms', TOCSIN_KAFKA_PASSWORD_FILE: HERE });
    expect(platform.kafka).toMatchObject({
      brokers: ['a:1', 'b:2'],
      prefix: '',
      security: { ca: HERE, user: 'channel-sms', passwordFile: HERE },
    });
    expect(platform.mongo).toMatchObject({ uri: BASE.TOCSIN_MONGO_URI, security: { ca: HERE, authSource: 'admin' } });
  });

  it('finds every fault at once', () => {
    expect(readConfiguration(SPEC, {}).faults.map((fault) => fault.variable)).toEqual([
      'TOCSIN_KAFKA_BROKERS',
      'TOCSIN_MONGO_URI',
      'TOCSIN_KEY_FILE',
      'TOCSIN_ADDRESSES_SUBSCRIBERS',
      'TOCSIN_CHANNEL_SMS_RELAY',
    ]);
  });

  it('prints every setting, no secret, and what nothing reads', () => {
    const printed = describeConfiguration(
      readConfiguration(SPEC, { ...BASE, TOCSIN_CHANNEL_SMS_PASSWORD: 'hush', TOCSIN_CHANNEL_SMS_WINDOWS: '3' }),
    );
    expect(printed).not.toMatch(/hush|pa55word/);
    expect(printed).toMatch(/TOCSIN_CHANNEL_SMS_PASSWORD\s+= \(hidden\)/);
    expect(printed).toMatch(/TOCSIN_CHANNEL_SMS_WINDOW\s+= 8 \(default\)\s+# Items\./);
    expect(printed).toContain('TOCSIN_CHANNEL_SMS_WINDOWS is set but nothing reads it.');
  });
});
