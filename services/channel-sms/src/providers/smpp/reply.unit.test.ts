import { describe, expect, it } from 'vitest';
import { kindOf, readReply } from './reply.js';

describe('replies', () => {
  it.each([
    ['STOP', 'stop'],
    ['stop', 'stop'],
    [' Stop. ', 'stop'],
    ['STOP SMS', 'stop'],
    ['StopSMS', 'stop'],
    ['ARRÊT', 'stop'],
    ['arret svp', 'stop'],
    ['Désinscription', 'stop'],
    ['S T O P', 'stop'],
    ['START', 'start'],
    ['start merci', 'start'],
    ['Merci, ne pas stopper', 'other'],
    ['', 'other'],
    ['👍', 'other'],
  ])('"%s" means %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });

  it.each([
    ['GSM-7 with é', { data_coding: 0, short_message: Buffer.from([0x44, 0x05, 0x53, ...Buffer.from('INSCRIPTION')]) }, 'stop'],
    ['UCS-2', { data_coding: 8, short_message: Buffer.from('Arrêt', 'utf16le').swap16() }, 'stop'],
    [
      'behind a user data header',
      { esm_class: 0x40, data_coding: 0, short_message: Buffer.from([5, 0, 3, 1, 1, 1, ...Buffer.from('STOP')]) },
      'stop',
    ],
    ['in message_payload', { data_coding: 0, short_message: Buffer.alloc(0), message_payload: Buffer.from('START') }, 'start'],
  ])('reads text %s', (_label, pdu, kind) => {
    expect(readReply({ source_addr: '33639980001', source_addr_ton: 1, destination_addr: '38200', ...pdu }, 7)).toEqual({
      from: '+33639980001',
      writtenTo: '38200',
      kind,
      receivedAt: 7,
    });
  });

  it('is nothing without a sender', () => {
    expect(readReply({ short_message: Buffer.from('STOP') }, 0)).toBeUndefined();
  });
});
