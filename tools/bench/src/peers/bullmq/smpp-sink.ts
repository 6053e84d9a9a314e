import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

/** The TLV our SMSC stand-in reads the id of a delivery from. */
const DELIVERY_ID = { name: 'tocsin_delivery_id', tag: 0x1501 } as const;
const BIND_DEADLINE_MS = 5_000;
/** submit_sm answers an operator gives for "too fast"; the job then fails and BullMQ tries it again. */
const THROTTLED = 0x58;

interface Pdu {
  readonly command_status: number;
}

interface Session extends EventEmitter {
  readonly socket: Socket;
  bind_transceiver(parameters: object, answered: (pdu: Pdu) => void): boolean;
  submit_sm(parameters: object, answered: (pdu: Pdu) => void): boolean;
}

interface SmppLibrary {
  connect(options: object): Session;
  addTLV(name: string, options: object): void;
  readonly types: { readonly tlv: { readonly string: unknown } };
}

export type Submit = (deliveryId: string, to: string, text: string) => Promise<void>;

/** One bind of npm smpp, the library channel-sms uses, without receipts: less work than Tocsin's. */
export async function openSmppSink(port: number): Promise<Submit> {
  const smpp = createRequire(import.meta.url)('smpp') as SmppLibrary;
  smpp.addTLV(DELIVERY_ID.name, { id: DELIVERY_ID.tag, type: smpp.types.tlv.string });
  const session = smpp.connect({ host: '127.0.0.1', port });
  // A control whose provider has gone measures nothing: it ends, and the benchmark with it.
  session.on('error', (error) => fail(String(error)));
  session.on('close', () => fail('the provider closed the bind'));
  const late = setTimeout(() => fail('no bind in time'), BIND_DEADLINE_MS);
  await new Promise<void>((resolve) => session.once('connect', resolve));
  session.socket.setNoDelay(true);
  const status = await new Promise<number>((resolve) =>
    session.bind_transceiver({ system_id: 'bullmq', password: '' }, (pdu) => resolve(pdu.command_status)),
  );
  if (status !== 0) fail(`the bind was refused with ${status}`);
  clearTimeout(late);
  return (deliveryId, to, text) =>
    new Promise((resolve, reject) => {
      const parameters = { destination_addr: to.slice(1), short_message: text, registered_delivery: 0, [DELIVERY_ID.name]: deliveryId };
      session.submit_sm(parameters, ({ command_status: answer }) => {
        if (answer === 0) resolve();
        else reject(new Error(answer === THROTTLED ? 'throttled' : `refused with ${answer}`));
      });
    });
}

function fail(why: string): never {
  process.stderr.write(`BullMQ worker: ${why}\n`);
  process.exit(1);
}
