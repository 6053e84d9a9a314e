import { setTimeout as wait } from 'node:timers/promises';
import { newId, record, TOPICS } from '@tocsin/contracts';
import { Reply } from '@tocsin/contracts/channels/v1/channels';
import { connectKafka } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { failTest, seededRandom } from '@tocsin/testing';
import { jsonOf } from '../municipality.js';
import type { ProcessStack } from '../stack.js';

/** One thing that goes wrong, and the doctor's name for it. */
export interface SeededFault {
  readonly name: string;
  /** What the first finding must be. */
  readonly kind: string;
  readonly subject: RegExp;
  /** Lets it happen; answers what undoes it. */
  readonly begin: (stack: ProcessStack, pick: () => number) => Promise<() => Promise<void>>;
  /** It stays to be seen for minutes after it is over: nothing can be asked after it. */
  readonly lingers?: boolean;
}

/** Any of these may be frozen: their other instance goes on. */
const FREEZABLE = ['routing', 'deliveries-2', 'tenants', 'campaigns-2', 'channel-sms', 'gateway-2'];
/** ms between two kills: it is started again within them. */
const BETWEEN_KILLS_MS = 5_000;
const UNDONE = async (): Promise<void> => undefined;

export const SEEDED_FAULTS: readonly SeededFault[] = [
  { name: 'the provider is down', kind: 'RouteDown', subject: /^sms\//, begin: (stack) => knobs(stack, { down: true }, { down: false }) },
  {
    name: 'the provider throttles',
    kind: 'ProviderThrottles',
    subject: /^sms$/,
    begin: (stack) => knobs(stack, { rate: 4 }, { rate: 40 }),
  },
  {
    name: 'a service is frozen',
    kind: 'ServiceFrozen',
    subject: new RegExp(`^(${FREEZABLE.join('|')})$`),
    begin: (stack, pick) => frozen(stack, FREEZABLE[Math.floor(pick() * FREEZABLE.length)] ?? 'routing'),
  },
  { name: 'the store is frozen', kind: 'StoreAway', subject: /^document store$/, begin: (stack) => frozen(stack, 'document store') },
  { name: 'the broker is frozen', kind: 'KafkaAway', subject: /^kafka$/, begin: (stack) => frozen(stack, 'kafka') },
  {
    name: 'an operator holds a lane',
    kind: 'LaneHeld',
    subject: /^sms\/standard$/,
    begin: (stack) => held(stack, 'lane', ['sms', 'standard']),
  },
  { name: 'an operator holds a route', kind: 'RouteHeld', subject: /^sms\//, begin: (stack) => held(stack, 'route', ['sms', 'smpp-1']) },
  { name: 'a record cannot be processed', kind: 'DeadLetters', subject: /^inbound\.replies\.v1$/, begin: poison, lingers: true },
  { name: 'a service ends again and again', kind: 'RestartLoop', subject: /^campaigns-2$/, begin: restarts, lingers: true },
];

/** So many different faults, those that linger last. */
export function drawFaults(seed: number, count: number): { readonly faults: readonly SeededFault[]; readonly pick: () => number } {
  const pick = seededRandom(seed);
  const left = [...SEEDED_FAULTS];
  const drawn = Array.from({ length: count }, () => left.splice(Math.floor(pick() * left.length), 1)[0]).flatMap((fault) => fault ?? []);
  return { faults: drawn.toSorted((a, b) => Number(a.lingers ?? false) - Number(b.lingers ?? false)), pick };
}

async function knobs(stack: ProcessStack, during: object, after: object): Promise<() => Promise<void>> {
  const turn = async (wanted: object): Promise<void> => {
    const body = JSON.stringify(wanted);
    await fetch(`${stack.http(41)}/knobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  await turn(during);
  return () => turn(after);
}

async function frozen(stack: ProcessStack, name: string): Promise<() => Promise<void>> {
  const pid = stack.pid(name);
  process.kill(pid, 'SIGSTOP');
  return async () => void process.kill(pid, 'SIGCONT');
}

async function held(stack: ProcessStack, what: string, of: readonly string[]): Promise<() => Promise<void>> {
  const operate = async (verb: string): Promise<void> =>
    void jsonOf(await stack.cli(['platform', `${verb}-${what}`, ...of, '--reason', 'exercise of the night shift', '--json']));
  await operate('pause');
  return () => operate('resume');
}

async function restarts(stack: ProcessStack): Promise<() => Promise<void>> {
  for (let times = 0; times < 4; times += 1) {
    process.kill(stack.pid('campaigns-2'), 'SIGKILL');
    await wait(BETWEEN_KILLS_MS);
  }
  return UNDONE;
}

async function poison(stack: ProcessStack): Promise<() => Promise<void>> {
  const deps = createObservability({ service: 'test', instanceId: 'doctor-test', logLevel: 'error' });
  const brokers = [new URL(stack.http(0)).host];
  const kafka = connectKafka({ brokers, clientId: 'doctor-test', prefix: '' }, { ...deps, fail: failTest });
  const meta = { tenantId: newId('ten'), occurredAt: Date.now() };
  const whole = record(TOPICS.replies.name, 'poison', 'tocsin.channels.v1.Reply', Reply.fromPartial({}), meta);
  const damaged = { ...whole, envelope: whole.envelope && { ...whole.envelope, payload: Buffer.from('0affffffff0f', 'hex') } };
  await kafka.producer().send([damaged]);
  await kafka.close(5_000);
  return UNDONE;
}
