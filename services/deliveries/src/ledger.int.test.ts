import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attemptsTopic,
  channelTopicSpecs,
  LEDGER_PARTITIONS,
  newId,
  type OutgoingRecord,
  receiptsTopic,
  record,
  sliceKey,
  TOPICS,
  unpackEnvelope,
} from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import {
  type Attempt,
  AttemptBundle,
  AttemptRecord,
  Outcome,
  type Receipt,
  ReceiptRecord,
  ReceiptState,
} from '@tocsin/contracts/deliveries/v1/attempts';
import type { DueRecord } from '@tocsin/contracts/deliveries/v1/due';
import { CampaignClosed, PlanClosed, PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import {
  DeliveryState,
  RecipientFilter,
  type RecipientReport,
  ReportsServiceDefinition,
} from '@tocsin/contracts/deliveries/v1/reports_service';
import type { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import { onBehalfOf, openGrpcChannel, serviceCaller } from '@tocsin/grpc';
import { connectKafka, type KafkaConnection, partitionOf } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, groundEnv, type ServiceProcess, startGround, startService, type TestGround, waitUntil } from '@tocsin/testing';

const TENANT = newId('ten');
const deps = createObservability({ service: 'test', instanceId: 'deliveries-test', logLevel: 'error' });
const caller = { ...serviceCaller('test'), tenantId: TENANT };
const CALL = 10_000;
const SETTLES = 60_000;

let ground: TestGround;
let kafka: KafkaConnection;
const parts = new Map<string, TallyPart>();
const dues: DueRecord[] = [];
const running: ServiceProcess[] = [];

const meta = () => ({ tenantId: TENANT, occurredAt: Date.now() });
const send = (records: OutgoingRecord[]): Promise<void> => kafka.producer().send(records);
const startLedger = async (): Promise<ServiceProcess> => {
  const service = await startService('deliveries', groundEnv(ground));
  running.push(service);
  return service;
};

beforeAll(async () => {
  ground = await startGround();
  kafka = connectKafka({ brokers: ground.brokers, clientId: 'deliveries-test', prefix: ground.prefix }, { ...deps, fail: failTest });
  await kafka.ensureTopics([TOPICS.manifests, TOPICS.planned, TOPICS.tallies, TOPICS.due, ...channelTopicSpecs('sms', 4)]);
  await announce('sms', { receiptTimeout: 60_000, retryDelays: [1_000] });
  const tail = kafka.tail({
    name: 'deliveries-test',
    topics: [
      { topic: TOPICS.tallies.name, from: 'beginning' },
      { topic: TOPICS.due.name, from: 'beginning' },
    ],
    async onBatch(batch) {
      for (const { envelope, key } of batch.records) {
        if (!envelope) continue;
        const { type, value } = unpackEnvelope(envelope);
        if (type === 'tocsin.deliveries.v1.TallyPart') parts.set(key, value);
        if (type === 'tocsin.deliveries.v1.DueRecord') dues.push(value);
      }
    },
  });
  await tail.start();
});

afterAll(async () => {
  for (const service of running) await service.kill();
  await kafka.close(5_000);
  await ground.stop();
});

async function announce(channel: string, values: Partial<Manifest>): Promise<void> {
  const manifest = Manifest.fromPartial({ channel, shares: 4, receiptTimeout: 60_000, ...values });
  await send([record(TOPICS.manifests.name, channel, 'tocsin.channels.v1.Manifest', manifest, { tenantId: '', occurredAt: Date.now() })]);
}

function planned(campaignId: string, slice: number, recipients: number, channels: string[], mode = Mode.PARALLEL): OutgoingRecord {
  const value = PlannedSlice.fromPartial({
    campaignId,
    tenantId: TENANT,
    slice,
    mode,
    recipients: Array.from({ length: recipients }, (_, index) => ({ index, contactId: `con_${slice}_${index}`, channels })),
    expiresAt: Date.now() + 3_600_000,
  });
  return record(TOPICS.planned.name, sliceKey(campaignId, slice), 'tocsin.deliveries.v1.PlannedSlice', value, meta());
}

function onEveryPartition<T extends 'tocsin.deliveries.v1.PlanClosed' | 'tocsin.deliveries.v1.CampaignClosed'>(
  type: T,
  value: T extends 'tocsin.deliveries.v1.PlanClosed' ? PlanClosed : CampaignClosed,
): OutgoingRecord[] {
  return Array.from({ length: LEDGER_PARTITIONS }, (_, partition) =>
    record(TOPICS.planned.name, value.campaignId, type, value as never, meta(), partition),
  );
}

const planClosed = (campaignId: string, slices: number, recipients: number): OutgoingRecord[] =>
  onEveryPartition(
    'tocsin.deliveries.v1.PlanClosed',
    PlanClosed.fromPartial({ campaignId, tenantId: TENANT, slices, recipients, notReachable: [{ reason: 'NO_ADDRESS', count: 3 }] }),
  );

function attempts(campaignId: string, slice: number, channel: string, rows: Partial<Attempt>[]): OutgoingRecord {
  const now = Date.now();
  const value = AttemptRecord.fromPartial({
    campaignId,
    tenantId: TENANT,
    slice,
    channel,
    attempts: rows.map((row) => ({ n: 1, outcome: Outcome.ACCEPTED, submittedAt: now, answeredAt: now, ...row })),
  });
  return record(attemptsTopic(channel), sliceKey(campaignId, slice), 'tocsin.deliveries.v1.AttemptRecord', value, meta());
}

function receipts(campaignId: string, slice: number, channel: string, rows: Partial<Receipt>[]): OutgoingRecord {
  const value = ReceiptRecord.fromPartial({
    campaignId,
    tenantId: TENANT,
    slice,
    channel,
    receipts: rows.map((row) => ({ n: 1, state: ReceiptState.DELIVERED, occurredAt: Date.now(), ...row })),
  });
  return record(receiptsTopic(channel), sliceKey(campaignId, slice), 'tocsin.deliveries.v1.ReceiptRecord', value, meta());
}

/** Sums what the last tally of each part says. */
function total(campaignId: string): Record<string, number> {
  const sums: Record<string, number> = { closedParts: 0 };
  for (const part of parts.values()) {
    if (part.campaignId !== campaignId || !part.tally) continue;
    if (part.closed) sums['closedParts'] = (sums['closedParts'] ?? 0) + 1;
    for (const [name, value] of Object.entries(part.tally)) if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

async function list(service: ServiceProcess, campaignId: string, filter: RecipientFilter, tenantId = TENANT): Promise<RecipientReport[]> {
  const channel = openGrpcChannel({ addresses: [`127.0.0.1:${service.grpcPort}`] }, deps);
  const client = channel.client(ReportsServiceDefinition);
  const found: RecipientReport[] = [];
  try {
    for (let pageToken = ''; ;) {
      const page = await client.listRecipients({ tenantId, campaignId, filter, pageSize: 7, pageToken }, onBehalfOf(caller, CALL));
      found.push(...page.recipients);
      pageToken = page.nextPageToken;
      if (pageToken === '') return found;
    }
  } finally {
    channel.close();
  }
}

describe('the ledger on a real broker and store', () => {
  it('follows a campaign to its end, tells who was reached, and asks for a retry', async () => {
    const service = await startLedger();
    const campaignId = newId('cmp');
    await send([planned(campaignId, 0, 10, ['sms']), planned(campaignId, 1, 5, ['sms']), ...planClosed(campaignId, 2, 15)]);
    // Each partition that holds a slice, and no other, tells how the campaign went.
    const closedParts = new Set([0, 1].map((slice) => partitionOf(Buffer.from(sliceKey(campaignId, slice)), LEDGER_PARTITIONS))).size;
    await waitUntil(
      '15 pending',
      async () => total(campaignId)['pending'] === 15 && total(campaignId)['closedParts'] === closedParts,
      SETTLES,
    );
    await send([
      attempts(
        campaignId,
        0,
        'sms',
        Array.from({ length: 9 }, (_, index) => ({ index })),
      ),
      attempts(campaignId, 0, 'sms', [{ index: 9, outcome: Outcome.FAILED, retryable: true, reason: 'PROVIDER_BUSY' }]),
      attempts(
        campaignId,
        1,
        'sms',
        Array.from({ length: 5 }, (_, index) => ({ index, possibleDuplicate: index === 0 })),
      ),
      receipts(
        campaignId,
        0,
        'sms',
        Array.from({ length: 9 }, (_, index) => ({ index })),
      ),
      receipts(campaignId, 1, 'sms', [{ index: 0 }, { index: 1, state: ReceiptState.FAILED, reason: 'ADDRESS_UNKNOWN' }]),
    ]);
    await waitUntil('a retry', async () => dues.some((due) => due.campaignId === campaignId), SETTLES);
    expect(dues.filter((due) => due.campaignId === campaignId)).toMatchObject([
      { channel: 'sms', slice: 0, items: [{ index: 9, n: 2 }], reason: 'RETRY' },
    ]);
    await send([
      attempts(campaignId, 0, 'sms', [{ index: 9, n: 2, outcome: Outcome.FAILED, reason: 'ADDRESS_UNKNOWN' }]),
      receipts(
        campaignId,
        1,
        'sms',
        [2, 3, 4].map((index) => ({ index })),
      ),
    ]);
    await waitUntil('all terminal', async () => total(campaignId)['terminal'] === 15, SETTLES);
    expect(total(campaignId)).toMatchObject({ recipients: 15, delivered: 13, failed: 2, pending: 0, plannedSlices: 2, closedParts });
    expect((await list(service, campaignId, RecipientFilter.REACHED)).length).toBe(13);
    const missed = await list(service, campaignId, RecipientFilter.NOT_REACHED);
    expect(missed.map((row) => [row.contactId, row.deliveries[0]?.reason, row.deliveries[0]?.attempts])).toEqual([
      ['con_0_9', 'ADDRESS_UNKNOWN', 2],
      ['con_1_1', 'ADDRESS_UNKNOWN', 1],
    ]);
    await expect(list(service, campaignId, RecipientFilter.UNSPECIFIED, newId('ten'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(list(service, newId('cmp'), RecipientFilter.UNSPECIFIED)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await service.stop();
  });

  it('loses and doubles nothing over kill -9 and a second instance, with attempts before their plan and a channel announced later', async () => {
    const [first, second] = await Promise.all([startLedger(), startLedger()]);
    const campaignId = newId('cmp');
    const SLICES = 40;
    const SIZE = 50;
    await announce('email', { acceptedIsTerminal: true });
    await kafka.ensureTopics(channelTopicSpecs('email', 4));
    const all = Array.from({ length: SIZE }, (_, index) => ({ index }));
    for (let slice = 0; slice < SLICES; slice += 1) {
      const plan = planned(campaignId, slice, SIZE, ['sms', 'email']);
      const facts = [
        attempts(campaignId, slice, 'sms', all),
        attempts(campaignId, slice, 'email', all),
        receipts(campaignId, slice, 'sms', all),
        // Everything a second time, as a channel that died before its commit does.
        attempts(
          campaignId,
          slice,
          'sms',
          all.map((row) => ({ ...row, possibleDuplicate: slice === 7 })),
        ),
        receipts(campaignId, slice, 'sms', all),
      ];
      await send(slice % 2 ? [plan, ...facts] : facts);
      if (slice % 2 === 0) await send([plan]);
      if (slice === 10) await first.kill();
      if (slice === 20) await startLedger();
      if (slice === 30) await second.kill();
    }
    await send(planClosed(campaignId, SLICES, SLICES * SIZE));
    await waitUntil(
      'all terminal',
      async () => total(campaignId)['terminal'] === SLICES * SIZE && total(campaignId)['closedParts'] === 6,
      60_000,
    );
    expect(total(campaignId)).toMatchObject({ recipients: SLICES * SIZE, delivered: SLICES * SIZE, plannedSlices: SLICES });
    const rows = [...parts.values()].filter((part) => part.campaignId === campaignId).flatMap((part) => part.tally?.channels ?? []);
    const sum = (channel: string, of: 'deliveries' | 'accepted' | 'onDevice' | 'possibleDuplicates'): number =>
      rows.filter((row) => row.channel === channel).reduce((count, row) => count + row[of], 0);
    expect([sum('sms', 'deliveries'), sum('sms', 'onDevice'), sum('email', 'accepted')]).toEqual([2_000, 2_000, 2_000]);
    expect(sum('sms', 'possibleDuplicates')).toBe(SIZE);
  }, 180_000);

  it('folds every slice of a record that tells of many', async () => {
    if (running.length === 0) await startLedger();
    const campaignId = newId('cmp');
    const PARTITION = 2;
    const own = Array.from({ length: 60 }, (_, slice) => slice).filter(
      (slice) => partitionOf(Buffer.from(sliceKey(campaignId, slice)), LEDGER_PARTITIONS) === PARTITION,
    );
    const rows = [0, 1, 2].map((index) => ({ index, n: 1, outcome: Outcome.FAILED, reason: 'ADDRESS_UNKNOWN', answeredAt: Date.now() }));
    const records = own.map((slice) => ({ campaignId, tenantId: TENANT, slice, channel: 'sms', attempts: rows }));
    const bundle = record(
      attemptsTopic('sms'),
      sliceKey(campaignId, own[0] ?? 0),
      'tocsin.deliveries.v1.AttemptBundle',
      AttemptBundle.fromPartial({ records }),
      meta(),
      PARTITION,
    );
    // Twice, as a channel does that died before it knew that Kafka has it.
    await send([...own.map((slice) => planned(campaignId, slice, 4, ['sms'])), bundle, bundle]);
    await waitUntil('all are told', async () => total(campaignId)['failed'] === 3 * own.length, SETTLES);
    expect(total(campaignId)).toMatchObject({ recipients: 4 * own.length, pending: own.length });
  });

  it('closes a cancelled campaign exactly: outstanding grants end by their attempt, later slices are born closed', async () => {
    const service = running.at(-1) ?? (await startLedger());
    const campaignId = newId('cmp');
    await send([
      planned(campaignId, 0, 10, ['sms']),
      attempts(
        campaignId,
        0,
        'sms',
        [0, 1, 2, 3].map((index) => ({ index })),
      ),
    ]);
    const closed = CampaignClosed.fromPartial({
      campaignId,
      tenantId: TENANT,
      channel: 'sms',
      cursorSlice: 0,
      cursorIndex: 6,
      outstanding: [`${campaignId}.0.4.sms`, `${campaignId}.0.5.sms`],
      reason: 'CANCELLED',
    });
    await waitUntil('planned', async () => total(campaignId)['recipients'] === 10, SETTLES);
    await send(onEveryPartition('tocsin.deliveries.v1.CampaignClosed', closed));
    await send([planned(campaignId, 1, 10, ['sms']), planned(campaignId, 2, 10, ['sms']), ...planClosed(campaignId, 3, 30)]);
    await waitUntil('24 cancelled', async () => total(campaignId)['cancelled'] === 24, SETTLES);
    expect(total(campaignId)).toMatchObject({ recipients: 30, pending: 6, terminal: 24 });
    await send([
      attempts(campaignId, 0, 'sms', [{ index: 4 }, { index: 5, outcome: Outcome.CANCELLED, submittedAt: 0 }]),
      receipts(
        campaignId,
        0,
        'sms',
        [0, 1, 2, 3, 4].map((index) => ({ index })),
      ),
    ]);
    await waitUntil('all terminal', async () => total(campaignId)['terminal'] === 30, SETTLES);
    expect(total(campaignId)).toMatchObject({ delivered: 5, cancelled: 25 });
    const cancelled = await list(service, campaignId, RecipientFilter.NOT_REACHED);
    expect(cancelled.length).toBe(25);
    expect(cancelled.every((row) => row.state === DeliveryState.CANCELLED)).toBe(true);
  });

  it('wakes the timers that a killed owner left: a silent receipt ends unconfirmed and the next channel is asked for', async () => {
    await announce('push', { receiptTimeout: 15_000 });
    for (const service of running) await service.kill();
    const first = await startLedger();
    const campaignId = newId('cmp');
    await send([planned(campaignId, 0, 3, ['push', 'sms'], Mode.ORDER), ...planClosed(campaignId, 1, 3)]);
    await send([attempts(campaignId, 0, 'push', [0, 1, 2].map((index) => ({ index })))]); // prettier-ignore
    await send([receipts(campaignId, 0, 'push', [{ index: 0 }])]);
    await waitUntil('one delivered', async () => total(campaignId)['delivered'] === 1, SETTLES);
    await first.kill();
    await startLedger();
    await waitUntil('the next channel', async () => dues.some((due) => due.campaignId === campaignId), 60_000);
    expect(dues.filter((due) => due.campaignId === campaignId)).toMatchObject([
      { channel: 'sms', slice: 0, items: [{ index: 1, n: 1 }, { index: 2, n: 1 }], reason: 'ESCALATION' }, // prettier-ignore
    ]);
    await send([
      attempts(
        campaignId,
        0,
        'sms',
        [1, 2].map((index) => ({ index })),
      ),
      receipts(campaignId, 0, 'sms', [{ index: 1 }, { index: 2 }]),
    ]);
    await waitUntil('all delivered', async () => total(campaignId)['delivered'] === 3, SETTLES);
  }, 120_000);

  it('puts a damaged record aside and goes on', async () => {
    const campaignId = newId('cmp');
    const damaged = planned(campaignId, 0, 1, ['sms']);
    if (damaged.envelope) damaged.envelope.payload = Buffer.from([255, 255, 255]);
    await send([damaged, planned(campaignId, 0, 2, ['sms']), ...planClosed(campaignId, 1, 2)]);
    await waitUntil('planned', async () => total(campaignId)['recipients'] === 2, SETTLES);
    const dead = await kafka.offsets(`${TOPICS.planned.name}.dead`);
    expect(dead.reduce((sum, place) => sum + place.high - place.low, 0)).toBe(1);
  });
});
