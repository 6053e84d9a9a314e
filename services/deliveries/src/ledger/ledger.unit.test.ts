import { describe, expect, it } from 'vitest';
import { packEnvelope, TOPICS } from '@tocsin/contracts';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import type { GroupConsumerOptions, KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { DatabaseBudget } from './database-budget.js';
import { storeInMemory, TENANT } from './ledger.fixture.test.js';
import { ledgerMetrics } from './ledger-metrics.js';
import { Ledger } from './ledger.js';
import type { LedgerStore } from './ledger-store.js';

const CAMPAIGN = 'cmp_00000000000000000000000000';

function ledgerWith(store: LedgerStore) {
  const { metrics, logger } = createObservability({ service: 'test', instanceId: 'ledger-test', logLevel: 'error' });
  const options: GroupConsumerOptions[] = [];
  const group = (given: GroupConsumerOptions) => {
    options.push(given);
    const nothing = () => Promise.resolve();
    return { start: nothing, stop: nothing, commit: nothing, assigned: () => [], pause: () => undefined, resume: () => undefined };
  };
  const topic = TOPICS.planned.name;
  const ledger = new Ledger(
    {
      kafka: { group } as unknown as KafkaConnection,
      producer: { send: () => Promise.resolve(), sendForOffsets: () => Promise.resolve([]) } as never,
      store,
      rulesOf: () => ({ acceptedIsTerminal: true, receiptTimeout: 20_000, retryDelays: [] }),
      budget: new DatabaseBudget(1),
      metrics: ledgerMetrics(metrics),
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
      logger,
      recipientDays: 400,
    },
    [topic],
  );
  const recipients = [{ index: 0, contactId: 'con_0', channels: ['email'] }];
  const slice = PlannedSlice.fromPartial({ campaignId: CAMPAIGN, tenantId: TENANT, slice: 0, recipients, expiresAt: Date.now() + 60_000 });
  const envelope = packEnvelope('tocsin.deliveries.v1.PlannedSlice', slice, { tenantId: TENANT, occurredAt: Date.now() });
  const records = [{ topic, partition: 0, offset: 0, key: CAMPAIGN, timestamp: Date.now(), envelope }];
  return {
    ledger,
    hears: async () => {
      await options[0]?.onAssigned?.([{ topic, partition: 0 }]);
      await options[0]?.onBatch({ topic, partition: 0, records, highWatermark: 1 });
    },
  };
}

describe('the ledger', () => {
  it('stays alive while the store refuses it, and stores what it folded when the store is back', async () => {
    const store = storeInMemory([]);
    let away = true;
    let refused = 0;
    const insert: typeof store.slices.insert = (document) => {
      if (!away) return store.slices.insert(document);
      refused += 1;
      return Promise.reject(new Error('the store is away'));
    };
    const { ledger, hears } = ledgerWith({ ...store, slices: { ...store.slices, insert } });
    await ledger.start();
    await hears();
    await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(0);
    const before = { refused, progress: ledger.progress };
    await expect.poll(() => refused, { timeout: 10_000 }).toBeGreaterThan(before.refused);
    expect(ledger.progress).toBeGreaterThan(before.progress);
    expect(ledger.hasWork()).toBe(true);
    away = false;
    await expect.poll(() => ledger.hasWork(), { timeout: 10_000 }).toBe(false);
    expect(await store.slices.all()).toHaveLength(1);
    await ledger.stop();
  });
});
