import { describe, expect, it } from 'vitest';
import type { Submission } from '@tocsin/channel-kit';
import { absoluteTime, referenceOf, submitPdus } from './submit-pdu.js';

const OPTIONS = { deliveryIdTlv: true, defaultSender: 'TOCSIN' };

function submission(body: string, rest: Partial<Submission> = {}): Submission {
  return {
    deliveryId: 'cmp_01JD0000000000000000000000.3.17.sms',
    n: 1,
    address: '+33639980001',
    rendered: { subject: '', body, cost: 1 },
    tenantId: 'ten_01JD0000000000000000000000',
    campaignId: 'cmp_01JD0000000000000000000000',
    expiresAt: Date.UTC(2026, 10, 25, 19, 30, 5, 700),
    smsSender: '',
    mailFrom: '',
    tenantName: 'Ville',
    purpose: 'alert',
    addressHash: Buffer.alloc(16),
    possibleDuplicate: false,
    share: 0,
    ...rest,
  };
}

describe('submit_sm', () => {
  it('carries one short message whole, with validity, receipt and delivery id', () => {
    expect(submitPdus(submission('Crue'), OPTIONS)).toEqual([
      {
        source_addr_ton: 5,
        source_addr_npi: 0,
        source_addr: 'TOCSIN',
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        destination_addr: '33639980001',
        esm_class: 0,
        validity_period: '261125193005700+',
        registered_delivery: 1,
        data_coding: 0,
        short_message: Buffer.from('Crue', 'latin1'),
        tocsin_delivery_id: 'cmp_01JD0000000000000000000000.3.17.sms',
      },
    ]);
  });

  it('cuts a long one into parts with one stable reference, and asks for a receipt of success on the last only', () => {
    const once = submitPdus(submission('é'.repeat(400)), OPTIONS);
    expect(once.map((pdu) => (pdu['short_message'] as Buffer).subarray(0, 6))).toEqual(
      [1, 2, 3].map((part) => Buffer.from([5, 0, 3, referenceOf(submission('').deliveryId), 3, part])),
    );
    expect(once.map((pdu) => pdu['registered_delivery'])).toEqual([2, 2, 1]);
    expect(once.map((pdu) => pdu['esm_class'])).toEqual([0x40, 0x40, 0x40]);
    expect(submitPdus(submission('é'.repeat(400), { n: 2 }), OPTIONS)).toEqual(once);
  });

  it.each([
    ['letters are an alphanumeric sender', 'MAIRIE', 5, 0, 'MAIRIE'],
    ['a long number is international', '+33939990001', 1, 1, '33939990001'],
    ['a few digits are a short code', '38200', 6, 0, '38200'],
  ])('%s', (_label, smsSender, ton, npi, address) => {
    const [pdu] = submitPdus(submission('x', { smsSender }), OPTIONS);
    expect([pdu?.['source_addr_ton'], pdu?.['source_addr_npi'], pdu?.['source_addr']]).toEqual([ton, npi, address]);
  });

  it('leaves out the vendor TLV where it is off, and the validity where nothing expires', () => {
    const [pdu] = submitPdus(submission('x', { expiresAt: 0 }), { ...OPTIONS, deliveryIdTlv: false });
    expect(pdu).not.toHaveProperty('tocsin_delivery_id');
    expect(pdu?.['validity_period']).toBe('');
    expect(absoluteTime(Date.UTC(2026, 0, 2, 3, 4, 5, 999))).toBe('260102030405900+');
  });
});
