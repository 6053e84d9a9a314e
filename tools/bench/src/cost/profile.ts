import { writeFileSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';
import { readTail, waitUntil } from '@tocsin/testing';

/** A busy process answers its debugger between two turns of its loop. */
const OPEN_DEADLINE_MS = 10_000;
/** The profile of two minutes is some ten megabytes of JSON. */
const ANSWER_DEADLINE_MS = 60_000;
/** One sample a millisecond costs the process about 2 %. */
const SAMPLE_EVERY_US = 1_000;

export interface RunningProfile {
  /** Ends it and writes the .cpuprofile file (Chrome's developer tools and VS Code open it). */
  writeTo(file: string): Promise<void>;
}

/** Profiles a Node process that runs: SIGUSR1 opens its debugger, whose address it prints to its log. Start it with --inspect-port=0. */
export async function startProfile(pid: number, logFile: string): Promise<RunningProfile> {
  process.kill(pid, 'SIGUSR1');
  let address: string | undefined;
  await waitUntil(
    `the debugger of process ${pid}`,
    () => {
      address = [...readTail(logFile).matchAll(/Debugger listening on (ws:\/\/\S+)/g)].at(-1)?.[1];
      return address !== undefined;
    },
    OPEN_DEADLINE_MS,
  );
  const debug = await Debugger.open(address ?? '');
  await debug.call('Profiler.enable');
  await debug.call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await debug.call('Profiler.start');
  return {
    writeTo: async (file) => {
      const { profile } = (await debug.call('Profiler.stop')) as { profile: unknown };
      writeFileSync(file, JSON.stringify(profile));
      debug.close();
    },
  };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Node's inspector over a WebSocket, one call at a time. */
class Debugger {
  #nextId = 1;

  private constructor(private readonly socket: WebSocket) {}

  static async open(address: string): Promise<Debugger> {
    const socket = new WebSocket(address);
    await event(socket, 'open', OPEN_DEADLINE_MS);
    return new Debugger(socket);
  }

  async call(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = this.#nextId++;
    this.socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const { data } = (await event(this.socket, 'message', ANSWER_DEADLINE_MS)) as MessageEvent;
      const answer = JSON.parse(String(data)) as Answer;
      if (answer.id !== id) continue;
      if (answer.error !== undefined) throw new TocsinError('INTERNAL', 'PROFILER_REFUSED', `${method}: ${answer.error.message}.`);
      return answer.result;
    }
  }

  close(): void {
    this.socket.close();
  }
}

function event(socket: WebSocket, name: 'open' | 'message', deadlineMs: number): Promise<Event> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no "${name}" from the debugger within ${deadlineMs} ms`)), deadlineMs);
    socket.addEventListener(
      name,
      (arrived) => {
        clearTimeout(late);
        resolve(arrived);
      },
      { once: true },
    );
  });
}
