import { describe, expect, it } from 'vitest';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlanClosed, PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { createObservability } from '@tocsin/observability';
import type { SliceFact } from '../core/fold.js';
import { DatabaseBudget } from './database-budget.js';
import { Flusher } from './flusher.js';
import { ledgerMetrics } from './ledger-metrics.js';
import { LedgerPartition } from './ledger-partition.js';
import { storeInMemory } from './store.fixture.test.js';

const [CAMPAIGN, OTHER, TENANT] = ['cmp_00000000000000000000000000', 'cmp_11111111111111111111111111', 'ten_a'];
const SLICES = 3;

describe('a part that ends', () => {
  it('is listed for retention before it is written as ended, also where the slices that end it are stored in the same round', async () => {
    const order: string[] = [];
    const store = storeInMemory(order);
    let now = 1_000_000;
    const clock = { now: () => now, monotonic: () => now };
    const rulesOf = () => ({ acceptedIsTerminal: true, receiptTimeout: 20_000, retryDelays: [] });
    const partition = new LedgerPartition(0, { store, rulesOf, clock });
    const { metrics, logger } = createObservability({ service: 'test', instanceId: 'flusher-test', logLevel: 'error' });
    const flusher = new Flusher({
      store,
      producer: { send: () => Promise.resolve(), sendForOffsets: () => Promise.resolve([]) } as never,
      budget: new DatabaseBudget(1),
      metrics: ledgerMetrics(metrics),
      clock,
      logger,
      recipientDays: 400,
      commit: () => Promise.resolve(),
    });
    const round = async (): Promise<void> => {
      now += 2_000;
      await flusher.round([partition], false);
    };
    const fold = (topic: string, offset: number, campaignId: string, slice: number, body: SliceFact['body']): Promise<void> =>
      partition.fold(topic, offset, { about: 'slice', campaignId, tenantId: TENANT, slice, fact: { topic, offset, at: now, body } });
    const planned = async (campaignId: string, slice: number): Promise<void> => {
      const recipients = [{ index: 0, contactId: `con_${slice}`, channels: ['email'] }];
      const whole = { campaignId, tenantId: TENANT, slice, mode: Mode.PARALLEL, recipients, expiresAt: now * 2 };
      await fold('planned', slice, campaignId, slice, { kind: 'planned', record: PlannedSlice.fromPartial(whole) });
    };
    const reached = async (slice: number): Promise<void> => {
      const attempts = [{ index: 0, n: 1, outcome: Outcome.ACCEPTED, submittedAt: now, answeredAt: now }];
      const whole = { campaignId: CAMPAIGN, tenantId: TENANT, slice, channel: 'email', attempts };
      await fold('attempts', slice, CAMPAIGN, slice, { kind: 'attempts', record: AttemptRecord.fromPartial(whole) });
    };

    for (let slice = 0; slice < SLICES; slice += 1) await planned(CAMPAIGN, slice);
    await round();
    await round();
    // The last attempts, and then the end of the plan: the part is dirty before the round that stores what ends it, and another campaign's slices come between.
    for (let slice = 0; slice < SLICES; slice += 1) {
      await reached(slice);
      await planned(OTHER, slice);
    }
    now += 1;
    const record = PlanClosed.fromPartial({ campaignId: CAMPAIGN, tenantId: TENANT, slices: SLICES, recipients: SLICES });
    await partition.fold('planned', SLICES, { about: 'plan-closed', record });
    for (let rounds = 0; rounds < 3; rounds += 1) await round();

    expect(order).toContain('written as ended');
    expect(order.indexOf(`listed ${CAMPAIGN}`)).toBeGreaterThanOrEqual(0);
    expect(order.indexOf(`listed ${CAMPAIGN}`)).toBeLessThan(order.indexOf('written as ended'));
  });
});
