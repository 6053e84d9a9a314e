import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attemptsTopic,
  channelTopicSpecs,
  grantedTopicNamed,
  grantedTopics,
  newId,
  record,
  recordsApart,
  sliceKey,
  TOPICS,
  unpackEnvelope,
  type OutgoingRecord,
} from '@tocsin/contracts';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { Attempt, AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { connectMongo, type MongoConnection } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { failTest, startGround, type TestGround } from '@tocsin/testing';
import { PlanStore } from '../planner/plan-store.js';
import { ChannelScheduler, type SchedulerDeps } from './channel-scheduler.js';
import { CheckpointStore } from './checkpoint-store.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import { schedulerMetrics } from './scheduler-metrics.js';
import { takeOver, type Taken, type TakeoverDeps } from './takeover.js';

const SHARES = 4;
const TENANT = newId('ten');
/** ms by which answers are held up on their way to a new owner: long enough to be missed by one that does not wait for them. */
const ANSWERS_LATE_MS = 400;
const observed = createObservability({ service: 'test', instanceId: 'takeover-test', logLevel: 'error' });
const clock = { now: () => Date.now(), monotonic: () => performance.now() };

let ground: TestGround;
let kafka: KafkaConnection;
let mongo: MongoConnection;
let plans: PlanStore;
let deps: TakeoverDeps;

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'takeover-test', prefix: ground.prefix }, { ...observed, fail: failTest });
  mongo = await connectMongo(ground.mongoUri, `${ground.prefix}routing`, observed);
  plans = await PlanStore.in(mongo);
  const checkpoints = await CheckpointStore.in(mongo);
  const { logger } = observed;
  deps = { kafka, checkpoints, policy: 'fair', floors: new Map(), instanceId: 'takeover-test', clock, logger };
  await kafka.ensureTopics([TOPICS.tenantEvents, TOPICS.operatorControls, TOPICS.backlogs, TOPICS.campaignStops, TOPICS.planned]);
});
afterAll(async () => {
  await kafka.close(5_000);
  await mongo.close();
  await ground.stop();
});

/** A channel nobody else of this file uses. */
async function newChannel(name: string): Promise<string> {
  await kafka.ensureTopics(channelTopicSpecs(name, SHARES));
  return name;
}

function grant(channel: string, campaignId: string, epoch: number, indices: readonly number[], share = 1): OutgoingRecord {
  const frame = CampaignFrame.fromPartial({ campaignId, tenantId: TENANT, channel, lane: Lane.STANDARD, status: Status.TEST, weight: 1 });
  const items = indices.map((index) => ({ slice: 0, item: { index, n: 1, cost: 1 }, tag: index }));
  const value = GrantRecord.fromPartial({ frame, items, grantedAt: Date.now() });
  const meta = { tenantId: TENANT, occurredAt: Date.now(), epoch };
  return record(grantedTopicNamed(channel, 'standard'), campaignId, 'tocsin.routing.v1.GrantRecord', value, meta, share);
}

function answer(channel: string, campaignId: string, index: number): OutgoingRecord {
  const attempt = Attempt.fromPartial({ index, n: 1, outcome: Outcome.ACCEPTED, tag: index, cost: 1, submittedAt: 1, answeredAt: 2 });
  const value = AttemptRecord.fromPartial({ campaignId, tenantId: TENANT, slice: 0, channel, attempts: [attempt] });
  const meta = { tenantId: TENANT, occurredAt: Date.now() };
  return record(attemptsTopic(channel), sliceKey(campaignId, 0), 'tocsin.deliveries.v1.AttemptRecord', value, meta);
}

/** Epochs of the fences in each partition of each granted topic. */
async function fencesOf(channel: string): Promise<number[][]> {
  const found = new Map<string, number[]>();
  const tail = kafka.tail({
    name: `fences-${channel}`,
    topics: grantedTopics(channel).map((topic) => ({ topic, from: 'beginning' as const })),
    async onBatch({ topic, partition, records }) {
      for (const { envelope } of records) {
        const unpacked = envelope && unpackEnvelope(envelope);
        if (unpacked?.type !== 'tocsin.routing.v1.Fence') continue;
        const place = `${topic}/${partition}`;
        found.set(place, [...(found.get(place) ?? []), unpacked.value.epoch]);
      }
    },
  });
  await tail.start();
  await tail.caughtUp(10_000);
  await tail.stop();
  return [...found.values()];
}

function schedulerOf(channel: string, taken: Taken, late = 0): ChannelScheduler {
  const slowed: KafkaConnection = {
    ...kafka,
    producer: () => kafka.producer(),
    tail: (options) =>
      kafka.tail({
        ...options,
        onBatch: async (batch) => {
          if (late > 0) await new Promise((resolve) => setTimeout(resolve, late));
          await options.onBatch(batch);
        },
      }),
  };
  const own: SchedulerDeps = {
    ...deps,
    kafka: slowed,
    producer: kafka.producer(),
    plans,
    recordsApart: recordsApart('current'),
    metrics: schedulerMetrics(observed.metrics),
    tracing: observed.tracing,
    leaseValid: () => false,
    checkpointed: () => undefined,
    lost: () => undefined,
  };
  return new ChannelScheduler(channel, taken, own);
}

describe('a channel that changes its scheduler', () => {
  it('gives two owners that come at once two epochs, and each fences every partition of every granted topic', async () => {
    const channel = await newChannel('twice');
    const taken = await Promise.all([takeOver(channel, SHARES, deps), takeOver(channel, SHARES, deps)]);
    const epochs = taken.map(({ epoch }) => epoch).toSorted((a, b) => a - b);
    expect(new Set(epochs).size).toBe(2);
    const fences = await fencesOf(channel);
    expect(fences).toHaveLength(grantedTopics(channel).length * SHARES);
    for (const partition of fences) expect(partition.toSorted((a, b) => a - b)).toEqual(epochs);
  });

  it('what was granted before the fence is outstanding for the next owner, what an older owner writes behind it is void', async () => {
    const channel = await newChannel('fenced');
    const campaign = newId('cmp');
    const first = await takeOver(channel, SHARES, deps);
    await kafka.producer().send([grant(channel, campaign, first.epoch, [0, 1, 2])]);
    const second = await takeOver(channel, SHARES, deps);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.state.outstanding.of(campaign).map(({ index }) => index)).toEqual([0, 1, 2]);
    // Frozen meanwhile, and woken: nothing tells it yet that it has been replaced.
    await kafka.producer().send([grant(channel, campaign, first.epoch, [3, 4])]);
    await kafka.producer().send([grant(channel, campaign, second.epoch, [5])]);
    const third = await takeOver(channel, SHARES, deps);
    expect(third.state.outstanding.of(campaign).map(({ index }) => index)).toEqual([0, 1, 2, 5]);
  });

  it('a checkpoint is written by one owner: who was replaced is told so, and replays nothing of what the other has done', async () => {
    const channel = await newChannel('written');
    const campaign = newId('cmp');
    const [old, next] = [await takeOver(channel, SHARES, deps), await takeOver(channel, SHARES, deps)];
    const checkpointed = (): void => undefined;
    const writers = [old, next].map((taken) => new CheckpointWriter(channel, taken, { ...deps, checkpointed }));
    expect(await writers[1]?.save(next.state)).toBe(true);
    expect(await writers[0]?.save(old.state)).toBe(false);
    // From the checkpoint on: what was granted before it is in it, and is not folded a second time.
    await kafka.producer().send([grant(channel, campaign, next.epoch, [0])]);
    const third = await takeOver(channel, SHARES, deps);
    expect(await new CheckpointWriter(channel, third, { ...deps, checkpointed }).save(third.state)).toBe(true);
    const fourth = await takeOver(channel, SHARES, deps);
    expect(fourth.offsets.granted.flat().every((offset, place) => offset >= (third.offsets.granted.flat()[place] ?? 0))).toBe(true);
    expect(fourth.state.outstanding.of(campaign)).toHaveLength(1);
  });

  it('what was answered since the checkpoint is known before the first grant', async () => {
    const channel = await newChannel('answered');
    const campaign = newId('cmp');
    const first = await takeOver(channel, SHARES, deps);
    await kafka.producer().send([grant(channel, campaign, first.epoch, [0, 1, 2])]);
    await kafka.producer().send([0, 1].map((index) => answer(channel, campaign, index)));
    const second = await takeOver(channel, SHARES, deps);
    expect(second.state.outstanding.size).toBe(3);
    const scheduler = schedulerOf(channel, second, ANSWERS_LATE_MS);
    expect(await scheduler.start()).toBe(true);
    expect(second.state.outstanding.of(campaign).map(({ index }) => index)).toEqual([2]);
    await scheduler.abandon();
  });
});
