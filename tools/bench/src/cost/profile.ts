import { writeFileSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';
import { readTail, waitUntil } from '@tocsin/testing';

/** A busy process answers its debugger between two turns of its loop. */
const OPEN_DEADLINE_MS = 10_000;
/** The profile of two minutes is some ten megabytes of JSON. */
const ANSWER_DEADLINE_MS = 60_000;
/** One sample a millisecond costs the process about 2 %. */
const SAMPLE_EVERY_US = 1_000;
/** Mean bytes between two samples of allocations; a busy service allocates some hundred MiB a second. */
const SAMPLE_EVERY_BYTES = 131_072;

/** What is looked at: where time goes; where memory is allocated, whether it lives on or not; how often and how long V8 collects garbage. */
export const PROFILE_KINDS = ['cpu', 'heap', 'gc'] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

export interface RunningProfile {
  /** Ends it and writes the file; Chrome's developer tools and VS Code open a ".cpuprofile" and a ".heapprofile", a ".gcprofile" is plain JSON. */
  writeTo(file: string): Promise<void>;
  /** Ends it and answers what the file would hold. */
  end(): Promise<unknown>;
}

/** Profiles a Node process that runs: SIGUSR1 opens its debugger, whose address it prints to its log. Start it with --inspect-port=0. */
export async function startProfile(kind: ProfileKind, pid: number, logFile: string): Promise<RunningProfile> {
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
  await startSampling(debug, kind);
  const end = async (): Promise<unknown> => {
    const profile = await stopSampling(debug, kind);
    debug.close();
    return profile;
  };
  return { end, writeTo: async (file) => writeFileSync(file, JSON.stringify(await end())) };
}

async function startSampling(debug: Debugger, kind: ProfileKind): Promise<void> {
  switch (kind) {
    case 'cpu':
      await debug.call('Profiler.enable');
      await debug.call('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
      await debug.call('Profiler.start');
      return;
    case 'heap':
      await debug.call('HeapProfiler.startSampling', {
        samplingInterval: SAMPLE_EVERY_BYTES,
        includeObjectsCollectedByMajorGC: true,
        includeObjectsCollectedByMinorGC: true,
      });
      return;
    case 'gc':
      await debug.call('Runtime.evaluate', { expression: OBSERVE_GC });
  }
}

async function stopSampling(debug: Debugger, kind: ProfileKind): Promise<unknown> {
  switch (kind) {
    case 'cpu':
      return ((await debug.call('Profiler.stop')) as { profile: unknown }).profile;
    case 'heap':
      return ((await debug.call('HeapProfiler.stopSampling')) as { profile: unknown }).profile;
    case 'gc': {
      const answer = (await debug.call('Runtime.evaluate', { expression: READ_GC })) as { result: { value: string } };
      return JSON.parse(answer.result.value) as unknown;
    }
  }
}

/** Runs in the service: counts collections and their ms by kind (1 scavenge, 4 mark and compact, 8 incremental, 16 weak callbacks). */
const OBSERVE_GC = `
  globalThis.benchGc = {};
  new (process.getBuiltinModule('node:perf_hooks').PerformanceObserver)((list) => {
    for (const { detail, duration } of list.getEntries()) {
      const kind = (globalThis.benchGc[detail.kind] ??= { count: 0, ms: 0, longest: 0 });
      kind.count += 1;
      kind.ms += duration;
      kind.longest = Math.max(kind.longest, duration);
    }
  }).observe({ entryTypes: ['gc'] });`;
const READ_GC = `JSON.stringify({
    gc: globalThis.benchGc,
    memory: process.memoryUsage(),
    spaces: process.getBuiltinModule('node:v8').getHeapSpaceStatistics(),
  })`;

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
