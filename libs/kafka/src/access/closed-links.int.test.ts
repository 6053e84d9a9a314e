import { connect } from 'node:net';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KAFKA_USERS, TOPICS, accessRules, channelTopicSpecs, deadTopic, type TopicSpec } from '@tocsin/contracts';
import { createLogger, createMetrics, createTracing } from '@tocsin/observability';
import { forgetOldAuthority, makeCredentials, replaceEverything, trustNextAuthority } from '@tocsin/sealing/credentials';
import { failTest, startClosedGround, type ClosedGround } from '@tocsin/testing';
import { connectKafka } from '../connect.js';
import { numbered } from '../harness.test.js';
import { internalsOf } from '../connection-internals.js';
import type { KafkaConnection, KafkaSecurity } from '../connection.js';
import { kafkaErrorType } from '../kafka-error.js';
import type { Broker } from '../kafkajs-internals.js';

const CHANNELS = ['sms', 'email'];
const USERS = [...KAFKA_USERS, ...CHANNELS.map((channel) => `channel-${channel}`)];
const SPECS: readonly TopicSpec[] = [...Object.values(TOPICS), ...CHANNELS.flatMap((channel) => channelTopicSpecs(channel, 1))];
const NAMES = SPECS.flatMap(({ name }) => [name, deadTopic(name)]);
const RULES = accessRules(CHANNELS, '');

const identity = { service: 'test', instanceId: 'closed-links' };
const deps = {
  logger: createLogger({ ...identity, level: 'error', write: () => undefined }),
  metrics: createMetrics(),
  tracing: createTracing(identity),
  fail: failTest,
};

describe('Kafka with closed links', () => {
  let ground: ClosedGround;
  const opened: KafkaConnection[] = [];
  const open = (security: KafkaSecurity | undefined, brokers = ground.brokers): KafkaConnection => {
    const connection = connectKafka({ brokers, prefix: '', clientId: 'closed-links', security }, deps);
    opened.push(connection);
    return connection;
  };
  /** "ok", or Kafka's name of what went wrong, or the transport's. */
  const outcome = async (connection: KafkaConnection, ask: (broker: Broker) => Promise<unknown>): Promise<string> => {
    try {
      await internalsOf(connection).administer('test', ask);
      return 'ok';
    } catch (error) {
      // A partition made a moment ago.
      if (kafkaErrorType(error) === 'NOT_LEADER_FOR_PARTITION') return outcome(connection, ask);
      return kafkaErrorType(error) || (error instanceof Error ? error.message : String(error));
    }
  };
  const anything = (broker: Broker): Promise<unknown> => broker.metadata([]);

  beforeAll(async () => {
    ground = await startClosedGround(CHANNELS, 'closed_');
    await open(ground.kafkaSecurity('admin')).ensureTopics(SPECS);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((connection) => connection.close(1_000)));
    await ground.stop();
  });

  it.each(USERS)(
    '%s reads and writes what the table says, and nothing else',
    async (user) => {
      const connection = open(ground.kafkaSecurity(user));
      const found: Record<string, string> = {};
      const wanted: Record<string, string> = {};
      for (const name of NAMES) {
        const partition = { partition: 0, fetchOffset: '0', maxBytes: 1 };
        const read = await outcome(connection, (broker) =>
          broker.fetch({
            maxWaitTime: 1,
            minBytes: 0,
            maxBytes: 1_024,
            isolationLevel: 0,
            topics: [{ topic: name, partitions: [partition] }],
            rackId: '',
          }),
        );
        const message = { key: Buffer.from('k'), value: Buffer.from('v') };
        const topicData = [{ topic: name, partitions: [{ partition: 0, firstSequence: -1, messages: [message] }] }];
        const written = await outcome(connection, (broker) =>
          broker.produce({ producerId: -1, producerEpoch: -1, acks: -1, timeout: 5_000, topicData } as never),
        );
        found[name] = `${read === 'ok' ? 'read' : read} ${written === 'ok' ? 'write' : written}`;
        const may = RULES.find((rule) => rule.user === user && rule.name === name)?.operations ?? [];
        const denied = 'TOPIC_AUTHORIZATION_FAILED';
        wanted[name] = `${may.includes('read') ? 'read' : denied} ${may.includes('write') ? 'write' : denied}`;
      }
      expect(found).toEqual(wanted);
    },
    60_000,
  );

  it('a user is in no group of another', async () => {
    const connection = open(ground.kafkaSecurity('channel-sms'));
    const join = (groupId: string) => (broker: Broker) =>
      broker.joinGroup({
        groupId,
        sessionTimeout: 6_000,
        rebalanceTimeout: 6_000,
        memberId: '',
        groupProtocols: [{ name: 'x', metadata: Buffer.alloc(0) }],
      });
    expect(await outcome(connection, join('channel-email'))).toBe('GROUP_AUTHORIZATION_FAILED');
    expect(await outcome(connection, join('channel-sms'))).not.toBe('GROUP_AUTHORIZATION_FAILED');
  });

  it('makes topics of its own, and none of another’s name', async () => {
    const creation = (topic: string) => (broker: Broker) =>
      broker.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1, configEntries: [] }], timeout: 5_000 });
    const connection = open(ground.kafkaSecurity('tenants'));
    expect(await outcome(connection, creation('tenant.events.v1'))).not.toMatch(/AUTHORIZATION/);
    expect(await outcome(connection, creation('made.up.v1'))).toMatch(/AUTHORIZATION|Topic creation errors/);
    const names = (await internalsOf(connection).administer('test', (broker) => broker.metadata([]))).topicMetadata.map(
      ({ topic }) => topic,
    );
    expect(names.toSorted()).toEqual(
      RULES.filter(({ user, resource }) => user === 'tenants' && resource === 'topic')
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('lets nobody in with a wrong password, without one, by another authority or in the clear', async () => {
    const mine = ground.kafkaSecurity('routing');
    const wrong = join(ground.dir, 'wrong.password');
    writeFileSync(wrong, 'guess');
    expect(await outcome(open({ ...mine, passwordFile: wrong }), anything)).toMatch(/SASL|authentication/i);
    expect(await outcome(open({ ...mine, user: undefined, passwordFile: undefined }), anything)).not.toBe('ok');
    const strangers = join(ground.dir, '..', 'strangers');
    makeCredentials({ ...ground.options, dir: strangers });
    expect(await outcome(open({ ...mine, ca: join(strangers, 'routing', 'ca.crt') }), anything)).toMatch(/certificate|self-signed|issuer/i);
    expect(await outcome(open(undefined), anything)).not.toBe('ok');
    const own = {
      ca: mine.ca,
      certificate: join(strangers, 'admin', 'tls.crt'),
      key: join(strangers, 'admin', 'tls.key'),
      mechanism: mine.mechanism,
    };
    expect(await outcome(open(own, ground.internalBrokers), anything)).not.toBe('ok');
    expect(await outcome(open({ ca: mine.ca, mechanism: mine.mechanism }, ground.internalBrokers), anything)).not.toBe('ok');
  }, 60_000);

  it('answers nothing in the clear on any of its ports', async () => {
    const { kafka, internal, controller } = ground.ports;
    for (const port of [kafka, internal, controller]) expect({ port, heard: await plainAnswer(port) }).toEqual({ port, heard: '' });
  });

  it('a producer goes on while everything is replaced, the new password opens and the old one does not', async () => {
    const producer = open(ground.kafkaSecurity('tenants')).producer();
    const send = (): Promise<void> => producer.send([numbered('tenant.events.v1', 'k', 1)]);
    await send();
    const old = join(ground.dir, 'old.password');
    copyFileSync(ground.kafkaSecurity('tenants').passwordFile ?? '', old);
    let sent = 0;
    const failed: unknown[] = [];
    const sending = setInterval(
      () =>
        void send().then(
          () => (sent += 1),
          (error: unknown) => failed.push(error),
        ),
      50,
    );
    try {
      trustNextAuthority(ground.options);
      await settled();
      replaceEverything(ground.options);
      await ground.applyAccess();
      await settled();
      forgetOldAuthority(ground.options);
      await settled();
    } finally {
      clearInterval(sending);
    }
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(20);
    expect(await outcome(open(ground.kafkaSecurity('tenants')), anything)).toBe('ok');
    expect(await outcome(open({ ...ground.kafkaSecurity('tenants'), passwordFile: old }), anything)).toMatch(/SASL|authentication/i);
  }, 60_000);

  it('withdraws what no rule asks for, and says nothing changed when nothing did', async () => {
    expect(await ground.applyAccess()).toMatchObject({ allowed: 0, withdrawn: 0 });
  });
});

/** Files are read for each connection, by brokers too. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** What a client that speaks no TLS hears to ApiVersions, beside a TLS alert. */
function plainAnswer(port: number): Promise<string> {
  const TLS_ALERT = 0x15;
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: '127.0.0.1' }, () =>
      socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])),
    );
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (heard += chunk[0] === TLS_ALERT ? '' : chunk.toString('hex')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}
