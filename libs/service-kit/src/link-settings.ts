import type { SettingFault } from './read-settings.js';
import type { KafkaLink, PlatformConfig, SettingsOf, StoreLink } from './service.js';
import { choice, file, optional, text } from './setting-kinds.js';

/** How a process proves itself on each of its links; docs/links.md tells how they are made and replaced. */
export const LINK_SETTINGS = {
  linkCertificate: optional(
    file({ env: 'TOCSIN_LINK_CERTIFICATE', shared: true, doc: 'PEM certificate of this service towards the others; needed off loopback.' }),
  ),
  linkKey: optional(file({ env: 'TOCSIN_LINK_KEY', shared: true, doc: 'PEM key of that certificate.' })),
  linkCa: optional(file({ env: 'TOCSIN_LINK_CA', shared: true, doc: 'PEM authority that signs the certificates of all services.' })),
  kafkaCa: optional(
    file({ env: 'TOCSIN_KAFKA_CA', shared: true, doc: 'PEM authorities of the brokers; turns TLS on, production needs it off loopback.' }),
  ),
  kafkaCertificate: optional(
    file({
      env: 'TOCSIN_KAFKA_CERTIFICATE',
      shared: true,
      doc: 'PEM certificate of this client towards the brokers, where they ask for one.',
    }),
  ),
  kafkaKey: optional(file({ env: 'TOCSIN_KAFKA_KEY', shared: true, doc: 'PEM key of that certificate.' })),
  kafkaUser: optional(text({ env: 'TOCSIN_KAFKA_USER', shared: true, pattern: /^[^,=\s]{1,100}$/, doc: 'SASL user of this service.' })),
  kafkaPasswordFile: optional(file({ env: 'TOCSIN_KAFKA_PASSWORD_FILE', shared: true, doc: 'File with the password of that user.' })),
  kafkaMechanism: choice({
    env: 'TOCSIN_KAFKA_MECHANISM',
    shared: true,
    among: ['scram-sha-512', 'scram-sha-256', 'plain'],
    default: 'scram-sha-512',
    doc: 'SASL mechanism.',
  }),
  mongoCa: optional(
    file({
      env: 'TOCSIN_MONGO_CA',
      shared: true,
      doc: 'PEM authorities of the document store; turns TLS on, production needs it off loopback.',
    }),
  ),
  mongoCertificate: optional(
    file({
      env: 'TOCSIN_MONGO_CERTIFICATE',
      shared: true,
      doc: 'PEM certificate of this client towards the store, where it asks for one.',
    }),
  ),
  mongoKey: optional(file({ env: 'TOCSIN_MONGO_KEY', shared: true, doc: 'PEM key of that certificate.' })),
  mongoUser: optional(
    text({ env: 'TOCSIN_MONGO_USER', shared: true, pattern: /^\S{1,100}$/, doc: 'User of this service at the store (SCRAM-SHA-256).' }),
  ),
  mongoPasswordFile: optional(file({ env: 'TOCSIN_MONGO_PASSWORD_FILE', shared: true, doc: 'File with the password of that user.' })),
  mongoAuthSource: text({
    env: 'TOCSIN_MONGO_AUTH_SOURCE',
    shared: true,
    default: 'admin',
    pattern: /^[a-zA-Z0-9_-]{1,60}$/,
    doc: 'Database that holds the user.',
  }),
} as const;

type Name = keyof typeof LINK_SETTINGS;
export type LinkValues = SettingsOf<typeof LINK_SETTINGS>;

/** What the values mean where they are without fault. */
export function linksOf(values: LinkValues): {
  links: PlatformConfig['links'];
  kafka: KafkaLink['security'];
  mongo: StoreLink['security'];
} {
  const { linkCertificate, linkKey, linkCa } = values;
  const complete = linkCertificate !== undefined && linkKey !== undefined && linkCa !== undefined;
  return {
    links: complete ? { certificate: linkCertificate, key: linkKey, ca: linkCa } : undefined,
    kafka:
      values.kafkaCa === undefined
        ? undefined
        : {
            ca: values.kafkaCa,
            certificate: values.kafkaCertificate,
            key: values.kafkaKey,
            user: values.kafkaUser,
            passwordFile: values.kafkaPasswordFile,
            mechanism: values.kafkaMechanism,
          },
    mongo:
      values.mongoCa === undefined
        ? undefined
        : {
            ca: values.mongoCa,
            certificate: values.mongoCertificate,
            key: values.mongoKey,
            user: values.mongoUser,
            passwordFile: values.mongoPasswordFile,
            authSource: values.mongoAuthSource,
          },
  };
}

/** What belongs together: a part of it would mean links that only look protected. */
const TOGETHER: readonly (readonly Name[])[] = [
  ['linkCertificate', 'linkKey', 'linkCa'],
  ['kafkaCertificate', 'kafkaKey'],
  ['kafkaUser', 'kafkaPasswordFile'],
  ['mongoCertificate', 'mongoKey'],
  ['mongoUser', 'mongoPasswordFile'],
];

/** Without TLS nobody proves anything: what needs the authority. */
const NEEDS: readonly { readonly given: Name; readonly needed: Name }[] = [
  { given: 'kafkaCertificate', needed: 'kafkaCa' },
  { given: 'kafkaUser', needed: 'kafkaCa' },
  { given: 'mongoCertificate', needed: 'mongoCa' },
  { given: 'mongoUser', needed: 'mongoCa' },
];

export function linkFaults(values: LinkValues): SettingFault[] {
  const parts = TOGETHER.flatMap((names) => {
    const missing = names.filter((name) => values[name] === undefined);
    if (missing.length === 0 || missing.length === names.length) return [];
    return missing.map((name) => fault(name, `is required with ${listed(names.map(variable))}: all ${COUNT[names.length] ?? ''} or none`));
  });
  const open = NEEDS.filter(({ given, needed }) => values[given] !== undefined && values[needed] === undefined);
  return [
    ...parts,
    ...open.map(({ given, needed }) => fault(needed, `is required with ${variable(given)}: nothing is proven without TLS`)),
  ];
}

/** Production leaves the machine only on closed links. */
export function openLinkFaults(
  values: LinkValues,
  {
    mode,
    kafkaBrokers = [],
    mongoUri = '',
  }: { readonly mode?: string; readonly kafkaBrokers?: readonly string[]; readonly mongoUri?: string },
): SettingFault[] {
  if (mode !== 'production') return [];
  const kafkaOpen = values.kafkaCa === undefined && kafkaBrokers.some((broker) => !isLoopback(broker));
  const own = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)(.*)$/.exec(mongoUri);
  const protects = mongoUri.startsWith('mongodb+srv:') || /[?&](?:tls|ssl)=true\b/.test(own?.[2] ?? '');
  const storeOpen =
    values.mongoCa === undefined && !protects && (own?.[1] ?? '').split(',').some((host) => host !== '' && !isLoopback(host));
  const problem = 'is required in production off loopback';
  return [...(kafkaOpen ? [fault('kafkaCa', problem)] : []), ...(storeOpen ? [fault('mongoCa', problem)] : [])];
}

const COUNT: Readonly<Record<number, string>> = { 2: 'two', 3: 'three' };

function listed(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function variable(name: Name): string {
  return LINK_SETTINGS[name].env;
}

function fault(name: Name, problem: string): SettingFault {
  return { variable: variable(name), problem, doc: LINK_SETTINGS[name].doc };
}

function isLoopback(address: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(address);
}
