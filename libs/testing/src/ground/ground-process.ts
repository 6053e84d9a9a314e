import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ManagedProcess } from '../process/managed-process.js';
import { waitUntil } from '../wait-until.js';
import { isNoSpace, diskFull } from './disk-space.js';
import { groundFault } from './ground-fault.js';

/** Kafka is up in 5 s here, the store in 2 s and 5 s of compaction; three times that on a busy machine. */
const UP_DEADLINE_MS = 60_000;
/** A probe answers in a few milliseconds once the server accepts. */
const PROBE_DEADLINE_MS = 2_000;

/** Waits until the probe is answered; throws one sentence with the end of the log as its cause when the process ends or the time is over. */
export async function waitUntilUp(
  started: ManagedProcess,
  address: { readonly host: string; readonly port: number },
  question: Question,
  dataDir: string,
): Promise<void> {
  try {
    await waitUntil(
      `${started.name} on port ${address.port}`,
      async () => {
        if (started.exit !== undefined) return true;
        await probe(address, question);
        return true;
      },
      UP_DEADLINE_MS,
    );
  } catch (failure) {
    started.signal('SIGKILL');
    throw groundFault('GROUND_FAILED', `${started.name} did not come up within ${UP_DEADLINE_MS / 1000} s: see its log.`, failure);
  }
  if (started.exit === undefined) return;
  const log = new Error(started.tail());
  if (isNoSpace(log)) throw diskFull(dataDir, `${started.name} could not write`);
  throw groundFault('GROUND_FAILED', `${started.name} ended while starting: ${lastComplaint(log.message)}`, log);
}

/** What a server is asked to know that it is up. */
export interface Question {
  /** Octets that are answered; without them a connection is answer enough. */
  readonly request?: Buffer;
  readonly tls: boolean;
}

/** Connects; with a request, also waits for the first bytes of an answer. Whose certificate it shows is its clients' business. */
function probe(address: { readonly host: string; readonly port: number }, { request, tls }: Question): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = tls ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    const finish = (failure?: Error): void => {
      socket.destroy();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    socket.setTimeout(PROBE_DEADLINE_MS, () => finish(new Error('no answer')));
    socket.once('error', finish);
    socket.once('close', () => finish(new Error('closed before an answer')));
    socket.once(tls ? 'secureConnect' : 'connect', () => (request === undefined ? finish() : void socket.write(request)));
    socket.once('data', () => finish());
  });
}

function lastComplaint(log: string): string {
  const lines = log.split('\n').filter((line) => /ERROR|Exception|error/.test(line));
  return (lines[0] ?? log.trim().split('\n').at(-1) ?? 'no reason given').slice(0, 300);
}
