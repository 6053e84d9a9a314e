import { describe, expect, it } from 'vitest';
import { hostsOf, joinExternalGround } from './external-ground.js';

describe('the hosts of a MongoDB address', () => {
  const rows = [
    { says: 'one host', uri: 'mongodb://db:27018', hosts: ['db:27018'] },
    { says: 'the default port', uri: 'mongodb://db/tocsin', hosts: ['db:27017'] },
    { says: 'several, with a login and options', uri: 'mongodb://u:p@a:1,b:2/?replicaSet=r', hosts: ['a:1', 'b:2'] },
  ];
  it.each(rows)('$says', ({ uri, hosts }) => {
    expect(hostsOf(uri)).toEqual(hosts);
  });
});

describe('an external ground', () => {
  it('needs both addresses', async () => {
    await expect(joinExternalGround({ TOCSIN_KAFKA_BROKERS: '127.0.0.1:1' })).rejects.toThrow('needs both TOCSIN_KAFKA_BROKERS');
  });

  it('names what does not answer', async () => {
    const env = { TOCSIN_KAFKA_BROKERS: '127.0.0.1:1', TOCSIN_MONGO_URI: 'mongodb://127.0.0.1:1' };
    await expect(joinExternalGround(env)).rejects.toThrow('Kafka does not answer at 127.0.0.1:1');
  });
});
