import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactId } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import { CampaignFrame, PlanSlice } from '@tocsin/contracts/routing/v1/plans';
import type { WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { itemsOf, planSlicePayload, sliceDocument } from './slice-document.js';
import { SliceBuilder, type CutSlice, type PlannedChannel, type PlanTotals } from './slice-builder.js';

const START: PlanTotals = { position: '', total: 0, notReachable: [] };
const SMS: PlannedChannel = { channel: 'sms', cost: (lengths) => lengths.length };
const MAIL: PlannedChannel = { channel: 'mail', cost: () => 1 };

function page(number: number, contacts: readonly (readonly string[])[], last = false): WalkAudienceResponse {
  return {
    position: `p${number}`,
    contacts: contacts.map((channels, slot) => ({
      contactId: contactId(number, slot),
      addresses: channels.map((channel) => ({
        channel,
        box: Buffer.from(channel),
        addressHash: Buffer.alloc(0),
        lengths: [
          { name: 'a', gsm7: 1, ucs2: 1 },
          { name: 'b', gsm7: 1, ucs2: 1 },
        ],
        domainHash: Buffer.alloc(0),
      })),
    })),
    notReachable: contacts.length === 0 ? [{ reason: 'NO_CONSENT', count: 2 }] : [],
    sealKey: { keyId: 'k', wrapped: Buffer.alloc(0) },
    last,
  };
}

const some = (count: number, channels: readonly string[] = ['sms']): string[][] => Array.from({ length: count }, () => [...channels]);

describe('slices', () => {
  it('cuts the first one at the first recipient, whatever its size', () => {
    const builder = new SliceBuilder([SMS], Mode.PARALLEL, START, true);
    expect(builder.add(page(0, []))).toEqual([]);
    const [first] = builder.add(page(1, some(3)));
    expect(first?.recipients).toHaveLength(3);
    expect(first?.position).toBe('p1');
    expect(first?.notReachable).toEqual([{ reason: 'NO_CONSENT', count: 2 }]);
    expect(builder.add(page(2, some(3)))).toEqual([]);
  });

  it('never holds more than 250 recipients and never splits a page; nobody is left out or named twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const builder = new SliceBuilder([SMS], Mode.PARALLEL, START, true);
        const slices: CutSlice[] = sizes.flatMap((size, at) => builder.add(page(at, some(size), at === sizes.length - 1)));
        const named = slices.flatMap((slice) => slice.recipients.map((one) => one.contactId));
        const expected = sizes.flatMap((size, at) => Array.from({ length: size }, (_, slot) => contactId(at, slot)));
        expect(named).toEqual(expected);
        expect(slices.every((slice) => slice.recipients.length > 0 && slice.recipients.length <= 250)).toBe(true);
        expect(builder.pending).toBe(0);
        expect(builder.totals().total).toBe(expected.length);
        // Whoever starts after a slice's position finds exactly the contacts behind it.
        for (const slice of slices) {
          const after = Number(slice.position.slice(1));
          expect(slice.total).toBe(sizes.slice(0, after + 1).reduce((sum, size) => sum + size, 0));
        }
      }),
      { seed: 41, numRuns: 150 },
    );
  });

  it('names each recipient’s channels in the campaign’s order and gives every channel its items with their cost', () => {
    const builder = new SliceBuilder([MAIL, SMS], Mode.PARALLEL, START, true);
    const [slice] = builder.add(page(0, [['sms', 'mail'], ['sms'], ['fax']], true));
    expect(slice?.recipients.map((one) => one.channels)).toEqual([['mail', 'sms'], ['sms']]);
    expect(slice?.channels.map(({ channel, items, later }) => [channel, items.map((item) => [item.index, item.cost]), later])).toEqual([
      ['mail', [[0, 1]], []],
      [
        'sms',
        [
          [0, 2],
          [1, 2],
        ],
        [],
      ],
    ]);
    expect(slice?.notReachable).toEqual([{ reason: 'NO_ADDRESS', count: 1 }]);
  });

  it('leaves later channels out of their cursor in order mode', () => {
    const builder = new SliceBuilder([MAIL, SMS], Mode.ORDER, START, true);
    const [slice] = builder.add(page(0, [['sms', 'mail'], ['sms']], true));
    expect(slice?.channels.map(({ channel, later }) => [channel, later])).toEqual([
      ['mail', []],
      ['sms', [0]],
    ]);
  });

  it('goes on from a stored slice with its counts', () => {
    const builder = new SliceBuilder(
      [SMS],
      Mode.PARALLEL,
      { position: 'p4', total: 900, notReachable: [{ reason: 'STOPPED', count: 7 }] },
      false,
    );
    builder.add(page(5, some(10)));
    const [slice] = builder.add(page(6, [], true));
    expect(slice?.total).toBe(910);
    expect(slice?.notReachable).toEqual([
      { reason: 'NO_CONSENT', count: 2 },
      { reason: 'STOPPED', count: 7 },
    ]);
  });

  it('refuses a page that no slice can hold', () => {
    const builder = new SliceBuilder([SMS], Mode.PARALLEL, START, true);
    expect(() => builder.add(page(0, some(251)))).toThrow(RangeError);
  });
});

describe('stored slices', () => {
  it.each([
    ['parallel', Mode.PARALLEL, [0, 1]],
    ['order, the later channel left out', Mode.ORDER, [1]],
  ])('are announced as they are stored: %s', (_why, mode, indices) => {
    const builder = new SliceBuilder([MAIL, SMS], mode, START, true);
    const [cut] = builder.add(page(0, [['sms', 'mail'], ['sms']], true));
    if (!cut) throw new Error('no slice');
    const document = sliceDocument({ campaignId: 'c', tenantId: 't', mode, expiresAt: 9 }, 7, cut);
    const frame = CampaignFrame.fromPartial({ campaignId: 'c', channel: 'sms', weight: 3 });
    const announced = PlanSlice.decode(planSlicePayload(document, 7, frame));
    expect(announced.slice).toBe(7);
    expect(announced.frame).toEqual(frame);
    expect(announced.items.map((item) => item.index)).toEqual(indices);
    expect(announced.items[0]?.box.toString()).toBe('sms');
    expect(PlanSlice.decode(planSlicePayload(document, 7, { ...frame, channel: 'fax' })).items).toEqual([]);
    expect(itemsOf(document, 'sms').all).toHaveLength(2);
    expect(PlannedSlice.decode(document.planned).recipients.map((one) => one.channels)).toEqual([['mail', 'sms'], ['sms']]);
  });
});
