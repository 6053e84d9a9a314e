import { z } from 'zod';
import { ROUTE_FIELDS, ROUTE_SETTINGS, readableFile, routesFile } from '@tocsin/channel-kit';
import { choice, file, integer, number, optional, port, text, url } from '@tocsin/service-kit';

const SECURITY = ['none', 'starttls', 'tls'] as const;

/** One route in a routes file; what it leaves out the settings below say. */
const routeSchema = z.strictObject({
  ...ROUTE_FIELDS,
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  security: z.enum(SECURITY).optional(),
  user: z.string().optional(),
  password_file: readableFile.optional(),
  rate: z.number().min(0.1).max(10_000),
  connections_per_share: z.int().min(1).max(64).optional(),
});

export type SmtpRouteEntry = z.infer<typeof routeSchema>;

/** Settings of the channel, TOCSIN_CHANNEL_EMAIL_<NAME>. */
export const settings = {
  ...ROUTE_SETTINGS,
  routes: routesFile(routeSchema),
  routeId: text({ env: 'ROUTE_ID', default: 'smtp-1', pattern: /^[a-z0-9-]{1,32}$/, doc: 'Name of the relay in manifests and metrics.' }),
  relayHost: text({ env: 'RELAY_HOST', default: '127.0.0.1', doc: 'Host of the relay; loopback outside production.' }),
  relayPort: port({ env: 'RELAY_PORT', default: 7442, doc: 'SMTP port of the relay.' }),
  relaySecurity: choice({
    env: 'RELAY_SECURITY',
    among: SECURITY,
    default: 'starttls',
    doc: '"tls" from the start, "starttls" required after the greeting, or "none" for a relay on this machine.',
  }),
  relayUser: text({ env: 'RELAY_USER', default: '', doc: 'User at the relay; empty = no login.' }),
  relayPasswordFile: optional(file({ env: 'RELAY_PASSWORD_FILE', doc: "File that holds the user's password." })),
  heloName: text({ env: 'HELO_NAME', default: 'tocsin.invalid', doc: 'Name this machine gives in EHLO.' }),
  ratePerSecond: number({ env: 'RATE', min: 0.1, max: 10_000, default: 150, doc: 'Mails a second the relay takes, over all instances.' }),
  connectionsPerShare: integer({
    env: 'CONNECTIONS_PER_SHARE',
    min: 1,
    max: 64,
    default: 4,
    doc: 'Connections for each share of the rate; each carries one mail at a time.',
  }),
  dkimKeyFile: optional(file({ env: 'DKIM_KEY_FILE', doc: 'PEM file of the RSA key that signs; not set = unsigned.' })),
  dkimDomain: text({ env: 'DKIM_DOMAIN', default: 'tocsin.invalid', doc: 'Domain of the DKIM key.' }),
  dkimSelector: text({ env: 'DKIM_SELECTOR', default: 'tocsin', doc: 'Selector of the DKIM key.' }),
  messageIdDomain: text({
    env: 'MESSAGE_ID_DOMAIN',
    default: 'tocsin.invalid',
    pattern: /^[a-z0-9.-]+$/,
    doc: 'Right side of Message-ID.',
  }),
  sender: text({ env: 'SENDER', default: 'alerte@tocsin.invalid', doc: 'Mailbox of the sender where a tenant has none.' }),
  unsubscribeMailbox: text({
    env: 'UNSUBSCRIBE_MAILBOX',
    default: 'stop@tocsin.invalid',
    doc: 'Mailbox of the mailto form of List-Unsubscribe.',
  }),
  publicUrl: url({
    env: 'PUBLIC_URL',
    protocols: ['http', 'https'],
    default: 'http://127.0.0.1:7411',
    doc: "Public address of the gateway's HTTP, without a slash at the end, for unsubscribe links.",
  }),
  language: choice({ env: 'LANGUAGE', among: ['fr', 'nl', 'de', 'en'], default: 'fr', doc: 'Language of the words under a mail.' }),
};
