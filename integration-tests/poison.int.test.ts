import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadTopic, newId, record, sliceKey, TOPICS, unpackEnvelope, type OutgoingRecord, type RecordType } from '@tocsin/contracts';
import { Reply, ReplyKind } from '@tocsin/contracts/channels/v1/channels';
import { CampaignReleased, CampaignStop } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, repositoryRoot, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';

/** Whoever consumes a topic that carries decisions or facts, what it normally reads there, and the group that answers for it. */
const CONSUMERS = [
  {
    service: 'deliveries',
    group: 'deliveries',
    topic: TOPICS.planned.name,
    type: 'tocsin.deliveries.v1.PlannedSlice',
    value: PlannedSlice.fromPartial({}),
  },
  {
    service: 'campaigns',
    group: 'campaigns',
    topic: TOPICS.tallies.name,
    type: 'tocsin.deliveries.v1.TallyPart',
    value: TallyPart.fromPartial({}),
  },
  {
    service: 'campaigns',
    group: 'campaigns',
    topic: TOPICS.campaignStops.name,
    type: 'tocsin.campaigns.v1.CampaignStop',
    value: CampaignStop.fromPartial({}),
  },
  {
    service: 'routing',
    group: 'routing-planner',
    topic: TOPICS.campaignEvents.name,
    type: 'tocsin.campaigns.v1.CampaignReleased',
    value: CampaignReleased.fromPartial({}),
  },
  {
    service: 'subscribers',
    group: 'subscribers',
    topic: TOPICS.replies.name,
    type: 'tocsin.channels.v1.Reply',
    value: Reply.fromPartial({}),
  },
] as const;

const TENANT = newId('ten');
/** Never answered: these services start without their peers. */
const NOBODY = '127.0.0.1:1';
const deps = createObservability({ service: 'test', instanceId: 'poison-test', logLevel: 'error' });

interface Listed {
  readonly id: string;
  readonly reason: string;
  readonly type: string;
  readonly groups: readonly string[];
  readonly replayed: boolean;
}

describe('G10: a poison record on the topics of the services', () => {
  let ground: TestGround;
  let kafka: KafkaConnection;
  const services: ServiceProcess[] = [];

  beforeAll(async () => {
    ground = await startGround();
    kafka = connectKafka({ brokers: ground.brokers, clientId: 'poison-test', prefix: ground.prefix }, { ...deps, fail: failTest });
    await kafka.ensureTopics(Object.values(TOPICS));
    const env = {
      ...groundEnv(ground),
      TOCSIN_ADDRESSES_TENANTS: NOBODY,
      TOCSIN_ADDRESSES_SUBSCRIBERS: NOBODY,
      TOCSIN_ADDRESSES_DELIVERIES: NOBODY,
    };
    for (const service of new Set(CONSUMERS.map((row) => row.service))) services.push(await startService(service, env));
  });
  afterAll(async () => {
    for (const service of services) await service.kill();
    await kafka.close(5_000);
    await ground.stop();
  });

  it.each(CONSUMERS)(
    '$service puts a damaged record of $topic aside with its reason, an operator lists it and sends it again once',
    async ({ group, topic, type, value }) => {
      const good = record(topic, 'poison', type as RecordType, value as never, { tenantId: TENANT, occurredAt: Date.now() });
      const damaged = { ...good, envelope: good.envelope && { ...good.envelope, payload: Buffer.from('0affffffff0f', 'hex') } };
      const future = { ...good, envelope: good.envelope && { ...good.envelope, type: 'tocsin.future.v9.Thing' } };
      await kafka.producer().send([damaged, future]);

      await expect.poll(async () => (await list(topic)).length, { timeout: 20_000, interval: 500 }).toBeGreaterThanOrEqual(2);
      const letters = await list(topic);
      const first = letters.find((letter) => letter.type === type);
      const second = letters.find((letter) => letter.type !== type);
      expect(first).toMatchObject({ type, replayed: false, groups: [group] });
      expect(['DECODE_FAILED', 'HANDLER_FAILED']).toContain(first?.reason);
      // The key of a reply is the keyed hash of a number: a letter outlives it by weeks and must not keep it.
      expect([...(await letterKeys(topic))]).toEqual([topic === TOPICS.replies.name ? '' : 'poison']);
      expect(second).toMatchObject({ reason: 'UNKNOWN_TYPE', type: 'tocsin.future.v9.Thing', replayed: false });

      const id = first?.id ?? '';
      expect(await admin('dead-letters', 'replay', '--topic', topic, '--id', id)).toMatchObject({
        outcomes: [{ id, outcome: 'replayed' }],
      });
      expect(await admin('dead-letters', 'replay', '--topic', topic, '--id', id)).toMatchObject({ outcomes: [{ id, outcome: 'already' }] });
      // As damaged as before: the same service puts it aside again, at its new place.
      await expect.poll(async () => (await list(topic)).length, { timeout: 20_000, interval: 500 }).toBe(3);
      expect((await list(topic)).find((letter) => letter.id === id)?.replayed).toBe(true);
    },
    60_000,
  );

  it('what stands behind a poison record is worked on all the same', async () => {
    const campaignId = newId('cmp');
    const meta = { tenantId: TENANT, occurredAt: Date.now() };
    const recipients = [{ index: 0, contactId: 'con_0_0', channels: ['sms'] }];
    const slice = PlannedSlice.fromPartial({ campaignId, tenantId: TENANT, slice: 0, recipients, expiresAt: Date.now() + 3_600_000 });
    const planned = record(TOPICS.planned.name, sliceKey(campaignId, 0), 'tocsin.deliveries.v1.PlannedSlice', slice, meta);
    const damaged: OutgoingRecord = {
      ...planned,
      envelope: planned.envelope && { ...planned.envelope, payload: Buffer.from('0affffffff0f', 'hex') },
    };
    const seen = new Set<string>();
    const tail = kafka.tail({
      name: 'poison-test',
      topics: [
        { topic: TOPICS.tallies.name, from: 'end' },
        { topic: TOPICS.suppressions.name, from: 'end' },
      ],
      async onBatch({ records }) {
        for (const { envelope } of records) {
          if (!envelope || !(envelope.type === 'tocsin.deliveries.v1.TallyPart' || envelope.type === 'tocsin.subscribers.v1.Suppression'))
            continue;
          const { type, value } = unpackEnvelope(envelope);
          if (type === 'tocsin.deliveries.v1.TallyPart') seen.add(value.campaignId);
          if (type === 'tocsin.subscribers.v1.Suppression') seen.add(value.channel);
        }
      },
    });
    await tail.start();
    await tail.caughtUp(10_000);
    const stop = Reply.fromPartial({
      channel: 'poisoned',
      tenantId: TENANT,
      addressHash: Buffer.alloc(16, 7),
      kind: ReplyKind.STOP,
      receivedAt: 1,
    });
    const reply = record(TOPICS.replies.name, 'poison', 'tocsin.channels.v1.Reply', stop, meta);
    const damagedReply = { ...reply, envelope: reply.envelope && { ...reply.envelope, payload: Buffer.from('0affffffff0f', 'hex') } };
    await kafka.producer().send([damaged, planned, damagedReply, reply]);
    await expect.poll(() => [...seen].toSorted(), { timeout: 5_000 }).toEqual([campaignId, 'poisoned'].toSorted());
    await tail.stop();
  });

  /** Keys in and of the dead letters of a topic. */
  async function letterKeys(topic: string): Promise<ReadonlySet<string>> {
    const keys = new Set<string>();
    const tail = kafka.tail({
      name: `poison-${topic}`,
      topics: [{ topic: deadTopic(topic), from: 'beginning' }],
      async onBatch({ records }) {
        for (const { key, envelope } of records) {
          const letter = envelope && unpackEnvelope(envelope);
          keys.add(key);
          if (letter?.type === 'tocsin.common.v1.DeadLetter') keys.add(letter.value.key);
        }
      },
    });
    await tail.start();
    await tail.caughtUp(10_000);
    await tail.stop();
    return keys;
  }

  async function list(topic: string): Promise<readonly Listed[]> {
    const { letters } = (await admin('dead-letters', 'list', '--topic', topic)) as { letters: readonly Listed[] };
    return letters;
  }

  /** The built `tocsin-admin --json` in a process of its own. */
  function admin(...args: string[]): Promise<unknown> {
    const env = { ...process.env, ...groundEnv(ground) };
    const main = join(repositoryRoot(), 'tools/admin/dist/main.js');
    return new Promise((done, refuse) => {
      execFile(process.execPath, [main, '--json', ...args], { env }, (error, out, err) => {
        if (error) refuse(new Error(`tocsin-admin ${args.join(' ')}: ${err}`));
        else done(JSON.parse(out));
      });
    });
  }
});
