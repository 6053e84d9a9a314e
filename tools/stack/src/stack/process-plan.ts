import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { SERVICE_NODE_FLAGS } from '@tocsin/testing';
import type { ChannelStack } from './channel-stack.js';
import type { Ground } from './ground.js';
import type { Layout, Place } from './layout.js';
import type { StackPaths } from './paths.js';
import { SECOND_INSTANCE_OFFSET, SERVICE_OFFSETS } from './port-plan.js';
import { fill, placeholdersOf } from './placeholders.js';
import { routesFileOf, twoRoutes } from './two-routes.js';

/** One process the supervisor keeps running. */
export interface PlannedProcess {
  readonly name: string;
  readonly kind: 'service' | 'stand-in';
  readonly place: Place;
  /** The later, the longer it stays when the stack ends. */
  readonly drainStep: number;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly httpPort: number;
  readonly otherPorts: readonly { readonly name: string; readonly port: number }[];
}

/** Intake first, what others still write to last. */
const DRAIN_STEPS: readonly (readonly string[])[] = [
  ['gateway'],
  ['campaigns', 'subscribers'],
  ['routing'],
  ['channel-*'],
  ['deliveries'],
  ['tenants'],
  ['stand-in'],
];

/** Copies of each record where there are racks: one at each site and one at the witness. */
const COPIES = 3;

export interface PlanOptions {
  readonly paths: StackPaths;
  readonly firstPort: number;
  readonly channels: readonly ChannelStack[];
  readonly ground: Pick<Ground, 'brokers' | 'mongoUri'>;
  readonly layout: Pick<Layout, 'instances' | 'providers'>;
  /** With which a service, or "admin", proves who it is; nothing where links are open. */
  readonly links?: (service: string) => Readonly<Record<string, string>>;
  /** TOCSIN_* settings a person gave, which win over ours. */
  readonly env: NodeJS.ProcessEnv;
}

/** One instance of each service and each channel's stand-in, with the ports tabled in docs/architecture.md. */
export function planProcesses(options: PlanOptions): readonly PlannedProcess[] {
  return [...options.channels.flatMap((channel) => planStandIn(options, channel)), ...planServices(options)];
}

export function standInName(channel: ChannelStack): string {
  return `stand-in-${channel.channel}`;
}

/** Where a stand-in writes what it accepted. */
export function ledgerFile(paths: StackPaths, channel: Pick<ChannelStack, 'channel'>): string {
  return join(paths.ledgers, `${channel.channel}.jsonl`);
}

/** One more instance of a service beside those planned (1 = its second), with the same settings. */
export function planExtraInstance(options: PlanOptions, service: string, instance: number): PlannedProcess {
  const row = serviceRows(options).find(({ name }) => name === service);
  if (row === undefined) throw new TocsinError('INVALID_ARGUMENT', 'NO_SUCH_SERVICE', `No service is called "${service}".`);
  return planInstance(options, row, instance);
}

function planServices(options: PlanOptions): readonly PlannedProcess[] {
  const rows = serviceRows(options);
  return options.layout.instances.flatMap((_place, instance) => rows.map((row) => planInstance(options, row, instance)));
}

function serviceRows(options: PlanOptions): readonly ServiceRow[] {
  const channels = options.channels.map((channel) => ({
    name: channel.service,
    http: channel.httpOffset,
    grpc: undefined,
    env: channelEnv(options, channel),
  }));
  const services = Object.entries(SERVICE_OFFSETS).map(([name, { grpc, http }]) => ({ name, http, grpc, env: {} }));
  return [...services, ...channels];
}

interface ServiceRow {
  readonly name: string;
  readonly http: number;
  readonly grpc: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** The second instance of a service is called "<name>-2" and listens SECOND_INSTANCE_OFFSET above the first. */
function planInstance(options: PlanOptions, row: ServiceRow, instance: number): PlannedProcess {
  const { paths } = options;
  const place = placeOf(options, instance);
  const from = options.firstPort + instance * SECOND_INSTANCE_OFFSET;
  const name = instance === 0 ? row.name : `${row.name}-${instance + 1}`;
  const variable = `TOCSIN_${row.name.toUpperCase().replaceAll('-', '_')}`;
  return {
    name,
    kind: 'service',
    place,
    drainStep: drainStep(row.name),
    args: [...SERVICE_NODE_FLAGS, join(paths.root, 'services', row.name, 'dist', 'main.js')],
    env: {
      ...sharedEnv(options, place),
      TOCSIN_TRACE_FILE: join(paths.traces, `${name}.jsonl`),
      [`${variable}_HTTP_PORT`]: String(from + row.http),
      ...(row.grpc === undefined ? {} : { [`${variable}_GRPC_PORT`]: String(from + row.grpc) }),
      ...options.links?.(row.name),
      ...row.env,
      ...ownSettings(options.env),
    },
    httpPort: from + row.http,
    otherPorts: row.grpc === undefined ? [] : [{ name: `${name} gRPC`, port: from + row.grpc }],
  };
}

function planStandIn(options: PlanOptions, channel: ChannelStack): readonly PlannedProcess[] {
  const { paths, firstPort } = options;
  const { standIn } = channel;
  if (standIn === undefined) return [];
  const script = join(paths.root, 'services', channel.service, 'dist', standIn.script);
  if (!existsSync(script))
    throw new Error(`${script} is missing: correct "script" in services/${channel.service}/stack.json, or build it.`);
  const one = (name: string, { offset, httpOffset }: { readonly offset: number; readonly httpOffset: number }): PlannedProcess => ({
    name,
    kind: 'stand-in',
    place: options.layout.providers,
    drainStep: drainStep('stand-in'),
    args: [script],
    env: {
      TOCSIN_STANDIN_PORT: String(firstPort + offset),
      TOCSIN_STANDIN_HTTP_PORT: String(firstPort + httpOffset),
      // Both write into one, which their joins read whole; each line says whose it is.
      TOCSIN_STANDIN_LEDGER: ledgerFile(paths, channel),
      TOCSIN_STANDIN_NAME: name,
      TOCSIN_STANDIN_RATE: String(standIn.ratePerSecond),
    },
    httpPort: firstPort + httpOffset,
    otherPorts: [{ name: `${name} provider`, port: firstPort + offset }],
  });
  const first = one(standInName(channel), standIn);
  const { second } = standIn;
  if (!second || !twoRoutes(options.env, channel)) return [first];
  return [first, one(`${standInName(channel)}-2`, second)];
}

/** Settings with which our own tools find the ground as the services do. */
export function toolSettings(options: PlanOptions, tools: Place): Record<string, string> {
  return { ...sharedEnv(options, tools), ...options.links?.('admin'), ...ownSettings(options.env) };
}

function sharedEnv({ paths, ground, firstPort, layout }: PlanOptions, own: Place): Record<string, string> {
  const instances = layout.instances.map((place, instance) => ({ place, instance }));
  const groups = [instances.filter(({ place }) => place === own), instances.filter(({ place }) => place !== own)];
  const addresses = Object.entries(SERVICE_OFFSETS).flatMap(([name, { grpc }]) =>
    grpc === undefined
      ? []
      : [
          [
            `TOCSIN_ADDRESSES_${name.toUpperCase()}`,
            groups
              .filter((group) => group.length > 0)
              .map((group) =>
                group.map(({ place, instance }) => `${place.host}:${firstPort + instance * SECOND_INSTANCE_OFFSET + grpc}`).join(','),
              )
              .join(';'),
          ],
        ],
  );
  return {
    TOCSIN_KAFKA_BROKERS: ground.brokers.join(','),
    TOCSIN_MONGO_URI: ground.mongoUri,
    TOCSIN_KEY_FILE: paths.keyFile,
    TOCSIN_MODE: 'development',
    TOCSIN_BIND_HOST: own.host,
    ...(own.rack === undefined ? {} : { TOCSIN_RACK: own.rack, TOCSIN_KAFKA_COPIES: String(COPIES) }),
    ...Object.fromEntries(addresses),
  };
}

/** An instance beyond those the layout names stands with the last of them. */
function placeOf({ layout }: PlanOptions, instance: number): Place {
  const place = layout.instances[instance] ?? layout.instances.at(-1);
  if (place === undefined) throw new Error('a layout has at least one place');
  return place;
}

function channelEnv(options: PlanOptions, channel: ChannelStack): Record<string, string> {
  const filled = placeholdersOf(options, channel);
  const routes = twoRoutes(options.env, channel);
  return {
    ...Object.fromEntries(Object.entries(channel.env).map(([key, value]) => [key, fill(value, filled)])),
    ...(routes ? { [routes.variable]: routesFileOf(options.paths, channel) } : {}),
  };
}

/** What the stack itself is told is none of the services' business. */
const NOT_PASSED_ON = /^TOCSIN_(STACK_|STANDIN_|GROUND$|KAFKA_BROKERS$|MONGO_URI$|TEST_)/;

function ownSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) =>
      value !== undefined && key.startsWith('TOCSIN_') && !NOT_PASSED_ON.test(key) ? [[key, value]] : [],
    ),
  );
}

function drainStep(name: string): number {
  const group = name.startsWith('channel-') ? 'channel-*' : name;
  return DRAIN_STEPS.findIndex((names) => names.includes(group));
}
