import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A service in a real process, so that signals, exit codes and the port are the real ones. */
const SERVICE = `
import { integer, runService } from '${new URL('../dist/index.js', import.meta.url).pathname}';
await runService({
  name: 'sample-one',
  settings: { window: integer({ env: 'WINDOW', doc: 'Items.', default: 8, min: 1, max: 9 }) },
  async start({ config, drain, health, logger, fail }) {
    const note = (name, ms) => async () => { await new Promise((r) => setTimeout(r, ms)); logger.info('drained.' + name); };
    drain.on('close', 'c', note('close', 0));
    drain.on('finish', 'f', note('finish', 150));
    drain.on('stop-intake', 's', note('stop', 50));
    let ready = false;
    health.readyWhen('warm', () => ready);
    return { routes: [
      { method: 'GET', path: '/window/:who', handle: async ({ params }) => ({ status: 200, type: 'text/plain', body: params.who + ' ' + config.window }) },
      { method: 'POST', path: '/echo', handle: async ({ body }) => ({ status: 201, type: 'text/plain', body }) },
      { method: 'POST', path: '/warm', handle: async () => { ready = true; return { status: 200, type: 'text/plain', body: '' }; } },
      { method: 'POST', path: '/fail', handle: async () => { fail('TOLD_TO'); return { status: 200, type: 'text/plain', body: '' }; } },
      { method: 'POST', path: '/reject', handle: async () => { Promise.reject(new Error('nobody catches')); return { status: 200, type: 'text/plain', body: '' }; } },
    ] };
  },
});
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'service-'));
  writeFileSync(join(folder, 'main.mjs'), SERVICE);
  writeFileSync(join(folder, 'key'), 'a'.repeat(64), { mode: 0o600 });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly ended: Promise<number | null>;
  /** Resolves with the line of this event. */
  event(name: string): Promise<Record<string, unknown>>;
}

function run(environment: Record<string, string> = {}, ...args: string[]): Running {
  const child = spawn(process.execPath, [join(folder, 'main.mjs'), ...args], {
    env: {
      PATH: process.env['PATH'],
      TOCSIN_KAFKA_BROKERS: '127.0.0.1:1',
      TOCSIN_MONGO_URI: 'mongodb://127.0.0.1:1',
      TOCSIN_KEY_FILE: join(folder, 'key'),
      ...environment,
    },
  });
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const keep = (chunk: Buffer) => {
    lines.push(
      ...chunk
        .toString()
        .split('\n')
        .filter((line) => line !== ''),
    );
    for (const look of waiting) look();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const event = (name: string) =>
    new Promise<Record<string, unknown>>((resolve) => {
      const look = () => {
        const line = lines.find((candidate) => candidate.includes(`"event":"${name}"`));
        if (line) resolve(JSON.parse(line) as Record<string, unknown>);
      };
      waiting.push(look);
      look();
    });
  return { child, lines, ended, event };
}

async function base(running: Running): Promise<string> {
  return `http://127.0.0.1:${String((await running.event('service.started'))['http'])}`;
}

describe('runService in a process', () => {
  it('--check-config prints the settings and exits with 0', async () => {
    const running = run({}, '--check-config');
    expect(await running.ended).toBe(0);
    expect(running.lines.join('\n')).toMatch(/TOCSIN_SAMPLE_ONE_WINDOW\s+= 8 \(default\)/);
  });

  it('--check-config names every fault and exits with 2, as a start does', async () => {
    for (const args of [['--check-config'], []]) {
      const running = run({ TOCSIN_SAMPLE_ONE_WINDOW: '99', TOCSIN_MODE: 'x' }, ...args);
      expect(await running.ended).toBe(2);
      expect(running.lines).toHaveLength(2);
    }
  });

  it('answers probes and routes, and drains in order on SIGTERM whatever signals follow', async () => {
    const running = run({ TOCSIN_SAMPLE_ONE_WINDOW: '3' });
    const url = await base(running);
    expect((await fetch(`${url}/live`)).status).toBe(200);
    const early = await fetch(`${url}/ready`);
    expect([early.status, await early.json()]).toEqual([503, { ready: false, waiting: ['warm'] }]);
    await fetch(`${url}/warm`, { method: 'POST' });
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('tocsin_ready 1');
    expect(await (await fetch(`${url}/window/a%20b`)).text()).toBe('a b 3');
    expect(await (await fetch(`${url}/echo`, { method: 'POST', body: 'é'.repeat(100) })).text()).toBe('é'.repeat(100));
    expect((await fetch(`${url}/echo`, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(400);
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);

    running.child.kill('SIGTERM');
    await running.event('drained.stop');
    running.child.kill('SIGTERM');
    running.child.kill('SIGINT');
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect(await running.ended).toBe(0);
    const drained = running.lines.flatMap((line) => /drained\.(\w+)/.exec(line)?.[1] ?? []);
    expect(drained).toEqual(['stop', 'finish', 'close']);
  });

  it.each([
    ['fail()', '/fail', 'TOLD_TO'],
    ['a rejection nobody catches', '/reject', 'UNHANDLED_REJECTION'],
  ])('%s drains shortly and exits with 1', async (_what, path, reason) => {
    const running = run();
    const url = await base(running);
    await fetch(url + path, { method: 'POST' });
    expect(await running.ended).toBe(1);
    expect(await running.event('service.failed')).toMatchObject({ reason, level: 'error' });
    expect(running.lines.some((line) => line.includes('drained.close'))).toBe(true);
  });

  it('says so when its port is taken, and exits with 1', async () => {
    const first = run();
    const port = new URL(await base(first)).port;
    const second = run({ TOCSIN_SAMPLE_ONE_HTTP_PORT: port });
    expect(await second.ended).toBe(1);
    expect(JSON.stringify(await second.event('service.failed'))).toContain('EADDRINUSE');
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
  });
});
