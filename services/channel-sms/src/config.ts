import { z } from 'zod';
import { ROUTE_FIELDS, ROUTE_SETTINGS, readableFile, routesFile } from '@tocsin/channel-kit';
import { choice, file, flag, integer, number, optional, port, text } from '@tocsin/service-kit';

const ID_NOTATIONS = ['text', 'hex', 'decimal'] as const;

/** One route in a routes file; what it leaves out the settings below say. */
const routeSchema = z.strictObject({
  ...ROUTE_FIELDS,
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  tls: z.boolean().optional(),
  system_id: z
    .string()
    .regex(/^[\x21-\x7e]{1,15}$/)
    .optional(),
  password_file: readableFile.optional(),
  rate: z.number().min(0.1).max(10_000),
  window: z.int().min(1).max(64).optional(),
  binds: z.int().min(1).max(64).optional(),
  binds_per_instance: z.int().min(1).max(64).optional(),
  submit_ids: z.enum(ID_NOTATIONS).optional(),
  receipt_ids: z.enum(ID_NOTATIONS).optional(),
});

export type SmppRouteEntry = z.infer<typeof routeSchema>;

/** Settings of the channel, TOCSIN_CHANNEL_SMS_<NAME>. */
export const settings = {
  ...ROUTE_SETTINGS,
  routes: routesFile(routeSchema),
  routeId: text({
    env: 'ROUTE_ID',
    default: 'smpp-1',
    pattern: /^[a-z0-9-]{1,32}$/,
    doc: 'Name of the operator in manifests and metrics.',
  }),
  host: text({ env: 'SMPP_HOST', default: '127.0.0.1', doc: "Host of the operator's SMSC; loopback outside production." }),
  port: port({ env: 'SMPP_PORT', default: 7440, doc: 'SMPP port of the SMSC.' }),
  tls: flag({ env: 'SMPP_TLS', default: false, doc: 'TLS from the start of the connection.' }),
  systemId: text({ env: 'SMPP_SYSTEM_ID', default: 'tocsin', pattern: /^[\x21-\x7e]{1,15}$/, doc: 'Who we are at the SMSC.' }),
  passwordFile: optional(file({ env: 'SMPP_PASSWORD_FILE', doc: 'File that holds the password, at most 8 characters; not set = empty.' })),
  ratePerSecond: number({
    env: 'RATE',
    min: 0.1,
    max: 10_000,
    default: 500,
    doc: 'Segments a second the operator takes, over all instances.',
  }),
  window: integer({
    env: 'SMPP_WINDOW',
    min: 1,
    max: 64,
    default: 20,
    doc: 'submit_sm in flight on one bind; each part of a long message is one.',
  }),
  binds: optional(
    integer({ env: 'SMPP_BINDS', min: 1, max: 64, doc: 'Binds the operator allows over all instances; not set = one a share.' }),
  ),
  bindsPerInstance: optional(
    integer({
      env: 'SMPP_BINDS_PER_INSTANCE',
      min: 1,
      max: 64,
      doc: 'Binds the operator allows from one address: an instance opens no more and uses their part of the rate; not set = one a share.',
    }),
  ),
  submitIds: choice({ env: 'SMPP_SUBMIT_IDS', among: ID_NOTATIONS, default: 'text', doc: 'How answers to submit_sm write message ids.' }),
  receiptIds: choice({
    env: 'SMPP_RECEIPT_IDS',
    among: ID_NOTATIONS,
    default: 'text',
    doc: 'How the text of receipts writes message ids.',
  }),
  deliveryIdTlv: optional(
    flag({
      env: 'SMPP_DELIVERY_ID_TLV',
      doc: 'Sends the delivery_id as vendor TLV 0x1501; not set = outside production only.',
    }),
  ),
  defaultSender: text({
    env: 'SENDER',
    default: 'TOCSIN',
    pattern: /^(\+?\d{3,15}|[A-Za-z0-9]{1,11})$/,
    doc: 'Sender where a tenant has none: at most 11 letters and digits, or a number.',
  }),
};
