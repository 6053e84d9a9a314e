import { describe, expect, it } from 'vitest';
import { PlanEnd } from './gen/tocsin/routing/v1/plans.js';
import { packEnvelope, unpackEnvelope } from './envelope.js';
import { contactId, deliveryId, isId, newId, parseContactId, parseDeliveryId } from './ids.js';
import { RECORD_TYPES } from './record-types.js';

describe('envelopes', () => {
  const value = PlanEnd.fromPartial({ campaignId: 'cmp_X', channel: 'sms', slices: 3 });

  it('what is packed is unpacked', () => {
    const envelope = packEnvelope('tocsin.routing.v1.PlanEnd', value, { tenantId: 'ten_X', occurredAt: 1 });
    expect(unpackEnvelope(envelope)).toEqual({ type: 'tocsin.routing.v1.PlanEnd', value });
  });

  it('an unknown type is refused, also one that objects inherit', () => {
    const envelope = packEnvelope('tocsin.routing.v1.PlanEnd', value, { tenantId: 'ten_X', occurredAt: 1 });
    for (const type of ['tocsin.routing.v1.Nothing', 'constructor', '']) {
      expect(() => unpackEnvelope({ ...envelope, type })).toThrow(RangeError);
    }
  });

  it('damaged bytes throw', () => {
    const envelope = packEnvelope('tocsin.routing.v1.PlanEnd', value, { tenantId: 'ten_X', occurredAt: 1 });
    expect(() => unpackEnvelope({ ...envelope, payload: Buffer.from([0x0a, 0xff]) })).toThrow(RangeError);
  });

  it('every record type decodes an empty payload', () => {
    for (const codec of Object.values(RECORD_TYPES)) expect(codec.decode(new Uint8Array())).toBeTypeOf('object');
  });
});

describe('ids', () => {
  it('a delivery id names its place and comes back', () => {
    const place = { campaignId: newId('cmp'), slice: 12, index: 249, channel: 'sms' };
    expect(parseDeliveryId(deliveryId(place))).toEqual(place);
  });

  for (const text of ['', 'cmp_1.2.3.sms', `${newId('cmp')}.1.2`, `${newId('cmp')}.1.2.SMS`, `${newId('ten')}.1.2.sms`]) {
    it(`"${text.slice(0, 12)}..." is no delivery id`, () => expect(parseDeliveryId(text)).toBeUndefined());
  }

  it('a contact id names its page and slot', () => expect(parseContactId(contactId(12, 3))).toEqual({ page: 12, slot: 3 }));
  it('an id knows its prefix', () =>
    expect([isId('ten', newId('ten')), isId('cmp', newId('ten')), isId('ten', 'ten_x')]).toEqual([true, false, false]));
});
