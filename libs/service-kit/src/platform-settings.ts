import { DEFAULT_HOT_SPANS_PER_SECOND } from '@tocsin/observability';
import { LINK_SETTINGS } from './link-settings.js';
import { addresses, choice, file, integer, number, optional, path, peers, text, url } from './setting-kinds.js';

/** Settings every service reads; tabled in docs/architecture.md. */
export const PLATFORM_SETTINGS = {
  kafkaBrokers: addresses({ env: 'TOCSIN_KAFKA_BROKERS', shared: true, doc: 'Kafka brokers, host:port, comma separated.' }),
  mongoUri: url({ env: 'TOCSIN_MONGO_URI', shared: true, protocols: ['mongodb', 'mongodb+srv'], doc: 'Address of the document store.' }),
  kafkaCopies: optional(
    integer({
      env: 'TOCSIN_KAFKA_COPIES',
      shared: true,
      min: 1,
      max: 5,
      doc: 'Copies of each partition of a topic that is created, 3 on two sites and a witness; as many as brokers answer, three at most, when not set.',
    }),
  ),
  rack: optional(
    text({
      env: 'TOCSIN_RACK',
      shared: true,
      pattern: /^[A-Za-z0-9_-]{1,32}$/,
      doc: "Site this process runs at, as the brokers' broker.rack names it: records are read from the copy there.",
    }),
  ),
  topicPrefix: text({
    env: 'TOCSIN_TOPIC_PREFIX',
    shared: true,
    default: '',
    pattern: /^[a-zA-Z0-9._-]{1,60}$/,
    doc: 'Put before every topic and group name; empty in production.',
  }),
  databasePrefix: text({
    env: 'TOCSIN_DATABASE_PREFIX',
    shared: true,
    default: 'tocsin_',
    pattern: /^[a-zA-Z0-9_-]{1,40}$/,
    doc: 'Put before every database name.',
  }),
  keyFile: file({
    env: 'TOCSIN_KEY_FILE',
    shared: true,
    doc: 'File with the platform key: 64 hexadecimal characters, readable by its owner only.',
  }),
  mode: choice({
    env: 'TOCSIN_MODE',
    shared: true,
    among: ['development', 'production'],
    default: 'production',
    doc: 'development refuses every provider that is not on loopback.',
  }),
  records: choice({
    env: 'TOCSIN_RECORDS',
    shared: true,
    among: ['current', '0.1'],
    default: 'current',
    doc: 'Form in which records are written: 0.1 while instances of that release run beside this one, or may come back (docs/upgrade.md).',
  }),
  bindHost: text({ env: 'TOCSIN_BIND_HOST', shared: true, default: '127.0.0.1', doc: 'Address to listen on.' }),
  ...LINK_SETTINGS,
  traceFile: optional(
    path({ env: 'TOCSIN_TRACE_FILE', shared: true, doc: 'File that spans are appended to as JSON lines, 64 MiB at most.' }),
  ),
  otlpUrl: optional(
    url({ env: 'TOCSIN_OTLP_URL', shared: true, protocols: ['http', 'https'], doc: 'OTLP/HTTP address that spans are sent to.' }),
  ),
  traceRatio: number({ env: 'TOCSIN_TRACE_RATIO', shared: true, default: 1, min: 0, max: 1, doc: 'Part of new traces that is recorded.' }),
  hotSpansPerSecond: number({
    env: 'TOCSIN_TRACE_HOT_PER_SECOND',
    shared: true,
    default: DEFAULT_HOT_SPANS_PER_SECOND,
    min: 0,
    max: 10_000,
    doc: 'Most spans a second on paths taken by every batch of records.',
  }),
  clockShiftDays: number({
    env: 'TOCSIN_CLOCK_SHIFT_DAYS',
    shared: true,
    default: 0,
    min: 0,
    max: 10_000,
    doc: 'Days the clock of a rehearsal is ahead; production refuses it.',
  }),
  logLevel: choice({
    env: 'TOCSIN_LOG_LEVEL',
    shared: true,
    among: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    doc: 'Least severe level that is logged.',
  }),
} as const;

/** TOCSIN_ADDRESSES_<SERVICE> of a peer. */
export function peerSetting(service: string) {
  return peers({
    env: `TOCSIN_ADDRESSES_${environmentName(service)}`,
    shared: true,
    doc: `Addresses of the instances of ${service}, host:port, comma separated; after a semicolon those at another site, called while none of the first answers.`,
  });
}

/** "channel-sms" -> "CHANNEL_SMS". */
export function environmentName(service: string): string {
  return service.toUpperCase().replaceAll('-', '_');
}
