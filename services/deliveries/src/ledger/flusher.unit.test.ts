import { describe, expect, it } from 'vitest';
import { AttemptRecord, Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { PlanClosed } from '@tocsin/contracts/deliveries/v1/planned';
import { ledgerOver, storeInMemory, TENANT } from './ledger.fixture.test.js';

const [CAMPAIGN, OTHER] = ['cmp_00000000000000000000000000', 'cmp_11111111111111111111111111'];
const SLICES = 3;

describe('a part that ends', () => {
  it('is listed for retention before it is written as ended, also where the slices that end it are stored in the same round', async () => {
    const order: string[] = [];
    const store = storeInMemory(order);
    const ledger = ledgerOver(store);
    const reached = async (slice: number): Promise<void> => {
      const attempts = [{ index: 0, n: 1, outcome: Outcome.ACCEPTED, submittedAt: ledger.now(), answeredAt: ledger.now() }];
      const whole = { campaignId: CAMPAIGN, tenantId: TENANT, slice, channel: 'email', attempts };
      await ledger.fold('attempts', slice, CAMPAIGN, slice, { kind: 'attempts', record: AttemptRecord.fromPartial(whole) });
    };

    for (let slice = 0; slice < SLICES; slice += 1) await ledger.plan(CAMPAIGN, slice, slice);
    await ledger.roundAfter(2_000);
    await ledger.roundAfter(2_000);
    // The last attempts, and then the end of the plan: the part is dirty before the round that stores what ends it, and another campaign's slices come between.
    for (let slice = 0; slice < SLICES; slice += 1) {
      await reached(slice);
      await ledger.plan(OTHER, slice, slice);
    }
    ledger.pass(1);
    const record = PlanClosed.fromPartial({ campaignId: CAMPAIGN, tenantId: TENANT, slices: SLICES, recipients: SLICES });
    await ledger.partition.fold('planned', SLICES, { about: 'plan-closed', record });
    for (let rounds = 0; rounds < 3; rounds += 1) await ledger.roundAfter(2_000);

    expect(order).toContain('written as ended');
    expect(order.indexOf(`listed ${CAMPAIGN}`)).toBeGreaterThanOrEqual(0);
    expect(order.indexOf(`listed ${CAMPAIGN}`)).toBeLessThan(order.indexOf('written as ended'));
  });
});
