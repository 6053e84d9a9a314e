import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProbeFacts, ProcessFacts } from '../facts.js';
import { Scrape } from '../scrape.js';
import type { KnownProcess } from './known-processes.js';

/** ms a process may take to answer: one that works answers in some, one whose machine is busy in some hundreds. */
const PROBE_MS = 3_000;
/** ms a connection may take. */
const CONNECT_MS = 1_000;

/** Looks at every process twice, `seconds` apart, so that counters say what they do now. */
export async function collectProcesses(known: readonly KnownProcess[], seconds: number): Promise<readonly ProcessFacts[]> {
  const before = await Promise.all(known.map(async ({ http }) => (http === undefined ? '' : textOf(`${http}/metrics`))));
  await wait(seconds * 1_000);
  return Promise.all(known.map(async (one, place) => factsOf(one, before[place] ?? '')));
}

async function factsOf({ name, kind, http, place, pid, startTicks, ends }: KnownProcess, before: string): Promise<ProcessFacts> {
  return {
    name,
    service: kind === 'service' ? name.replace(/-\d+$/, '') : name,
    kind,
    place: place === 'here' ? '' : place,
    state: pid === undefined ? 'unknown' : stateOf(pid, startTicks),
    ends,
    probe: http === undefined || kind === 'ground' ? NO_PROBE : await probe(http, before),
  };
}

const NO_PROBE: ProbeFacts = { answer: 'none', live: true, ready: true, waiting: [], metrics: new Scrape('') };

async function probe(http: string, before: string): Promise<ProbeFacts> {
  const [live, ready, metrics] = await Promise.all([ask(`${http}/live`), ask(`${http}/ready`), ask(`${http}/metrics`)]);
  const failed = { live: false, ready: false, waiting: [], metrics: new Scrape('') };
  if (live === undefined) return { answer: (await connects(http)) ? 'silent' : 'refused', ...failed };
  return {
    answer: 'yes',
    live: live.ok,
    ready: ready?.ok ?? false,
    waiting: waitingOf(ready?.text ?? ''),
    metrics: new Scrape(metrics?.text ?? '', before),
  };
}

async function ask(url: string): Promise<{ readonly ok: boolean; readonly text: string } | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) });
    return { ok: answer.ok, text: await answer.text() };
  } catch {
    return undefined;
  }
}

async function textOf(url: string): Promise<string> {
  return (await ask(url))?.text ?? '';
}

/** A frozen process still has its connections taken by the kernel. */
function connects(http: string): Promise<boolean> {
  const { hostname, port } = new URL(http);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: CONNECT_MS });
    const done = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', done(true)).once('error', done(false)).once('timeout', done(false));
  });
}

function waitingOf(text: string): readonly string[] {
  try {
    const { waiting } = JSON.parse(text) as { waiting?: unknown };
    return Array.isArray(waiting) ? waiting.map(String) : [];
  } catch {
    return [];
  }
}

/** As the kernel says, of this very process and not of a later one with its number. */
function stateOf(pid: number, startTicks: number): ProcessFacts['state'] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (Number(fields[19]) !== startTicks) return 'gone';
    if (fields[0] === 'T' || fields[0] === 't') return 'stopped';
    return fields[0] === 'Z' ? 'gone' : 'runs';
  } catch {
    return 'gone';
  }
}
