import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smpp } from './stand-in/smpp-library.js';
import type { SubmitParameters } from './submit-pdu.js';
import { bindBody, COMMAND, pduOf, readDeliver, readMessageId, submitLength, writeSubmit } from './wire.js';

/** npm smpp's own reading and writing: another implementation of the same standard. */
interface OtherPdu {
  toBuffer(): Buffer;
  readonly [field: string]: unknown;
}
const { PDU } = smpp as unknown as {
  readonly PDU: new (command: string | Buffer, options?: Readonly<Record<string, unknown>>) => OtherPdu;
};

const octet = fc.integer({ min: 0, max: 255 });
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength });
const octets = (maxLength: number): fc.Arbitrary<Buffer> => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

const submit: fc.Arbitrary<SubmitParameters> = fc.record(
  {
    source_addr_ton: octet,
    source_addr_npi: octet,
    source_addr: text(21),
    dest_addr_ton: octet,
    dest_addr_npi: octet,
    destination_addr: text(21),
    esm_class: octet,
    validity_period: text(16),
    registered_delivery: octet,
    data_coding: octet,
    short_message: octets(254),
    tocsin_delivery_id: text(60),
  },
  {
    requiredKeys: [
      'source_addr_ton',
      'source_addr_npi',
      'source_addr',
      'dest_addr_ton',
      'dest_addr_npi',
      'destination_addr',
      'esm_class',
      'validity_period',
      'registered_delivery',
      'data_coding',
      'short_message',
    ],
  },
);

describe('SMPP octets', () => {
  it('writes a submit_sm as another implementation does', () => {
    fc.assert(
      fc.property(submit, fc.integer({ min: 1, max: 0x7fff_ffff }), (parameters, sequence) => {
        const to = Buffer.alloc(submitLength(parameters) + 6, 0xee);
        writeSubmit(to, 3, sequence, parameters);
        const other = new PDU('submit_sm', { ...parameters, sequence_number: sequence }).toBuffer();
        expect(to.subarray(3, -3).toString('hex')).toBe(other.toString('hex'));
        expect([to.subarray(0, 3), to.subarray(-3)]).toEqual([Buffer.alloc(3, 0xee), Buffer.alloc(3, 0xee)]);
      }),
    );
  });

  it('lets no NUL in a text end its field', () => {
    const parameters: SubmitParameters = {
      source_addr_ton: 0,
      source_addr_npi: 0,
      source_addr: 'A\0B',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      destination_addr: '33639980001',
      esm_class: 0,
      validity_period: '',
      registered_delivery: 1,
      data_coding: 0,
      short_message: Buffer.from('x'),
    };
    const to = Buffer.alloc(submitLength(parameters));
    writeSubmit(to, 0, 1, parameters);
    expect(new PDU(to)).toMatchObject({ source_addr: 'A?B', destination_addr: '33639980001' });
  });

  it('binds as another implementation does', () => {
    const other = new PDU('bind_transceiver', { system_id: 'tocsin', password: 'geheim', interface_version: 0x34, sequence_number: 9 });
    expect(pduOf(COMMAND.bindTransceiver, 0, 9, bindBody('tocsin', 'geheim')).toString('hex')).toBe(other.toBuffer().toString('hex'));
  });

  it('reads a deliver_sm that another implementation wrote', () => {
    const fields = fc.record({
      source_addr_ton: octet,
      source_addr: text(21),
      destination_addr: text(21),
      esm_class: octet,
      data_coding: octet,
      short_message: octets(254),
    });
    const tlvs = fc.record({ receipted_message_id: text(20), message_state: octet, message_payload: octets(400) }, { requiredKeys: [] });
    // Fields that we pass over, in every length they may have.
    const passed = fc.record({ service_type: text(5), schedule_delivery_time: text(16), validity_period: text(16), source_port: octet });
    fc.assert(
      fc.property(fields, tlvs, passed, (read, more, other) => {
        expect(readDeliver(new PDU('deliver_sm', { ...other, ...read, ...more }).toBuffer())).toEqual({ ...read, ...more });
      }),
    );
  });

  it('reads the id of an answer, with and without its NUL', () => {
    expect(readMessageId(new PDU('submit_sm_resp', { message_id: '1A2B' }).toBuffer())).toBe('1A2B');
    expect(readMessageId(pduOf(0x8000_0004, 0, 1, Buffer.from('1A2B')))).toBe('1A2B');
    expect(readMessageId(pduOf(0x8000_0004, 0x58, 1))).toBe('');
  });

  it('reads whatever is cut off or nonsense as empty, and never throws', () => {
    fc.assert(
      fc.property(octets(200), (body) => {
        const pdu = readDeliver(pduOf(COMMAND.deliverSm, 0, 1, body));
        expect(pdu.short_message.length).toBeLessThanOrEqual(body.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
