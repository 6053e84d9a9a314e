import { createRequire } from 'node:module';
import type { SmppLibrary } from './smpp-types.js';

/** Vendor TLV (0x1400-0x3fff are free for agreement between ESME and SMSC) that carries the delivery_id to our stand-in and to operators who want it. */
export const DELIVERY_ID_TLV = 'tocsin_delivery_id';
const DELIVERY_ID_TAG = 0x1501;

/**
 * npm smpp, set up once a process: our TLV, and texts and times as octets in both directions, since its decoding of receipts at data_coding 8 is
 * wrong and costs more than the rest of a PDU. The SMSC speaks through it and the channel does not, so neither can hide the other's mistakes.
 */
export const smpp = setUp(createRequire(import.meta.url)('smpp') as SmppLibrary);

function setUp(library: SmppLibrary): SmppLibrary {
  library.addTLV(DELIVERY_ID_TLV, { id: DELIVERY_ID_TAG, type: library.types.tlv.string });
  for (const command of ['submit_sm', 'deliver_sm']) {
    for (const parameter of Object.values(library.commands[command]?.params ?? {})) delete parameter.filter;
  }
  delete library.tlvs['message_payload']?.filter;
  return library;
}
