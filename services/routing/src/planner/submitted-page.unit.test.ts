import { describe, expect, it } from 'vitest';
import { deliveryId } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { DeliveryReport, DeliveryState, RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { sliceDocument } from './slice-document.js';
import { isUnsettled, slicesOf, toldOf } from './submitted-page.js';

const campaignId = 'cmp_00000000000000000000000000';
const report = (index: number, deliveries: Partial<DeliveryReport>[], slice = 0): RecipientReport =>
  RecipientReport.fromPartial({
    contactId: `con_${slice}_${index}`,
    deliveries: deliveries.map(({ channel = 'sms', ...rest }) =>
      DeliveryReport.fromPartial({ channel, deliveryId: deliveryId({ campaignId, slice, index, channel }), ...rest }),
    ),
  });
const accepted = { state: DeliveryState.ACCEPTED, submittedAt: 5 };

const item = (index: number, channel: string) => ({ index, box: Buffer.from(`${channel}-${index}`), addressHash: Buffer.from([index]), domainHash: Buffer.alloc(0), cost: 1, n: 1 }); // prettier-ignore
const document = sliceDocument({ campaignId, tenantId: 'ten_a', mode: Mode.PARALLEL, expiresAt: 0 }, 0, {
  position: '0',
  recipients: [],
  channels: ['sms', 'email'].map((channel) => ({ channel, items: [0, 1, 2, 3].map((index) => item(index, channel)), later: [] })),
  sealKey: undefined,
  total: 4,
  notReachable: [],
});
const sliceOf = (slice: number) => (slice === 0 ? document : undefined);

describe('a page of the ledger, for a correction', () => {
  it.each([
    { says: 'everybody has an answer', states: [DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.CANCELLED], waits: false },
    { says: 'one may still be sent', states: [DeliveryState.DELIVERED, DeliveryState.REQUESTED], waits: true },
  ])('waits while a grant is outstanding: $says', ({ states, waits }) => {
    expect(isUnsettled(states.map((state, index) => report(index, [{ state }])))).toBe(waits);
  });

  it('names those whom something was submitted to, with the sealed addresses it went to, and nobody else', () => {
    const page = [
      report(0, [accepted, { ...accepted, channel: 'email' }]),
      report(1, [{ state: DeliveryState.CANCELLED }]),
      report(2, [{ state: DeliveryState.SUPPRESSED }, { ...accepted, channel: 'email' }]),
      report(3, [{ state: DeliveryState.CANCELLED, possibleDuplicate: true }]),
    ];
    const { contacts, missing } = toldOf(page, sliceOf);
    expect(contacts.map(({ contactId, addresses }) => [contactId, addresses.map(({ box }) => box.toString())])).toEqual([
      ['con_0_0', ['sms-0', 'email-0']],
      ['con_0_2', ['email-2']],
      ['con_0_3', ['sms-3']],
    ]);
    expect(missing).toBe(0);
  });

  it('counts whom it cannot write to any more', () => {
    const page = [report(0, [accepted]), report(7, [accepted], 9)];
    expect([...slicesOf(page)]).toEqual([0, 9]);
    expect(toldOf(page, sliceOf)).toMatchObject({ contacts: [{ contactId: 'con_0_0' }], missing: 1 });
  });
});
