import { connect } from 'node:net';
import { TocsinError } from '@tocsin/errors';
import type { Ground } from './ground.js';

/** A ground that answers does so in milliseconds; this allows for a distant one. */
const CONNECT_DEADLINE_MS = 3_000;

/** Kafka and MongoDB that somebody else runs: both addresses must be given and answer. */
export async function joinExternalGround(env: NodeJS.ProcessEnv): Promise<Ground> {
  const brokers = env['TOCSIN_KAFKA_BROKERS'];
  const mongoUri = env['TOCSIN_MONGO_URI'];
  if (brokers === undefined || mongoUri === undefined) {
    throw refusal('GROUND_ADDRESS_MISSING', 'TOCSIN_GROUND=external needs both TOCSIN_KAFKA_BROKERS (host:port,...) and TOCSIN_MONGO_URI.');
  }
  const hosts = brokers.split(',');
  await requireAnswer('Kafka', hosts, 'TOCSIN_KAFKA_BROKERS');
  // A mongodb+srv name is resolved by the driver alone.
  if (mongoUri.startsWith('mongodb://')) await requireAnswer('MongoDB', hostsOf(mongoUri), 'TOCSIN_MONGO_URI');
  return {
    kind: 'external',
    brokers: hosts,
    mongoUri,
    versions: { kafka: 'external', documents: 'external' },
    processes: [],
    stop: () => Promise.resolve(),
  };
}

/** "mongodb://user:secret@a:1,b:2/db?x" -> ["a:1", "b:2"]. */
export function hostsOf(mongoUri: string): readonly string[] {
  const authority = mongoUri.slice('mongodb://'.length).split(/[/?]/)[0] ?? '';
  const hosts = authority.slice(authority.lastIndexOf('@') + 1).split(',');
  return hosts.map((host) => (host.includes(':') ? host : `${host}:27017`));
}

/** One of several is enough: the clients find the others. */
async function requireAnswer(what: string, hosts: readonly string[], variable: string): Promise<void> {
  const answers = await Promise.allSettled(hosts.map(reach));
  if (answers.some((answer) => answer.status === 'fulfilled')) return;
  throw refusal('GROUND_UNREACHABLE', `${what} does not answer at ${hosts.join(', ')}: start it or correct ${variable}.`);
}

function reach(address: string): Promise<void> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host ?? '', port: Number(port), timeout: CONNECT_DEADLINE_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}

function refusal(reason: string, sentence: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, sentence);
}
