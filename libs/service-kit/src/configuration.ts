import { TocsinError } from '@tocsin/errors';
import { linkFaults, linksOf, openLinkFaults } from './link-settings.js';
import { PLATFORM_SETTINGS, environmentName, peerSetting } from './platform-settings.js';
import { readSettings, unknownVariables, type Environment, type SettingFault, type SettingRow, type Settings } from './read-settings.js';
import type { PlatformConfig, ServiceSpec, SettingsOf } from './service.js';
import { parsePeers, port, type PeerAddresses } from './setting-kinds.js';

/** Settings of the host around a service: its HTTP port. */
const HOST_SETTINGS = {
  httpPort: port({ env: 'HTTP_PORT', default: 0, doc: 'TCP port of live, ready and metrics; 0 takes any free one.' }),
} as const;

export interface Configuration<S extends Settings> {
  readonly config: SettingsOf<S>;
  readonly platform: PlatformConfig;
  readonly shared: SettingsOf<typeof PLATFORM_SETTINGS>;
  readonly httpPort: number;
  readonly faults: readonly SettingFault[];
  readonly rows: readonly SettingRow[];
  readonly unknown: readonly string[];
}

/** Everything a service is told by its environment, with every fault found. */
export function readConfiguration<S extends Settings>(
  spec: Pick<ServiceSpec<S>, 'name' | 'settings' | 'peers'>,
  environment: Environment,
): Configuration<S> {
  const peers = Object.fromEntries((spec.peers ?? []).map((peer) => [peer, peerSetting(peer)]));
  const shared = readSettings(spec.name, PLATFORM_SETTINGS, environment);
  const called = readSettings(spec.name, peers, environment);
  const host = readSettings(spec.name, HOST_SETTINGS, environment);
  const own = readSettings(spec.name, spec.settings, environment);
  const parts = [shared, called, host, own];
  return {
    config: own.values,
    platform: platformOf(shared.values, environment),
    shared: shared.values,
    httpPort: host.values.httpPort,
    faults: [...parts.flatMap((part) => part.faults), ...together(shared.values)],
    rows: parts.flatMap((part) => part.rows),
    unknown: unknownVariables(spec.name, { ...HOST_SETTINGS, ...spec.settings }, environment),
  };
}

type Shared = SettingsOf<typeof PLATFORM_SETTINGS>;

function platformOf(values: Shared, environment: Environment): PlatformConfig {
  const { links, kafka, mongo } = linksOf(values);
  return {
    ...values,
    links,
    kafka: {
      brokers: values.kafkaBrokers,
      prefix: values.topicPrefix,
      copies: values.kafkaCopies,
      rack: values.rack,
      security: kafka,
    },
    mongo: { uri: values.mongoUri, security: mongo },
    addresses: (service) => addressesOf(service, environment),
  };
}

/** Faults of settings each of which is well by itself; one that is not has no value here. */
function together(values: Shared): SettingFault[] {
  return [...linkFaults(values), ...openLinkFaults(values, values), ...clockFaults(values)];
}

/** What `--check-config` prints when all is well. */
export function describeConfiguration(configuration: Pick<Configuration<Settings>, 'rows' | 'unknown'>): string {
  const width = Math.max(...configuration.rows.map((row) => row.variable.length));
  const lines = configuration.rows.map(
    (row) => `${row.variable.padEnd(width)} = ${row.shown}${row.origin === 'default' ? ' (default)' : ''}  # ${row.doc}`,
  );
  const warnings = configuration.unknown.map((variable) => `${variable} is set but nothing reads it.`);
  return [...lines, ...warnings].join('\n');
}

/** Every fault with its variable, what is wrong and what it is for. */
export function describeFaults(faults: readonly SettingFault[]): string {
  return faults.map((fault) => `${fault.variable} ${fault.problem}. ${fault.doc}`).join('\n');
}

/** Retention and expiry on a false clock would remove what people still need. */
function clockFaults({ mode, clockShiftDays }: Pick<Shared, 'mode' | 'clockShiftDays'>): SettingFault[] {
  if (mode !== 'production' || !(clockShiftDays > 0)) return [];
  const { env, doc } = PLATFORM_SETTINGS.clockShiftDays;
  return [{ variable: env, problem: 'must be 0 in production', doc }];
}

function addressesOf(service: string, environment: Environment): PeerAddresses {
  const variable = `TOCSIN_ADDRESSES_${environmentName(service)}`;
  const given = environment[variable];
  const parsed = given === undefined || given === '' ? { fault: 'is required' } : parsePeers(given);
  if ('value' in parsed) return parsed.value;
  throw new TocsinError('FAILED_PRECONDITION', 'SETTING_MISSING', `${variable} ${parsed.fault}.`);
}
