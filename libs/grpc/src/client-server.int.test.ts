import { errorOf } from '@tocsin/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Metadata } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health/lib/proto/grpc/health/v1/health.js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { AudienceServiceDefinition, WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { type Caller, DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { invalidArgument, TocsinError } from '@tocsin/errors';
import { createObservability } from '@tocsin/observability';
import { callerOf, onBehalfOf, serviceCaller } from './caller.js';
import { type GrpcChannel, openGrpcChannel } from './client.js';
import { endOnDrain } from './endless-calls.js';
import { type GrpcServer, serve, startGrpcServer, type GrpcServerOptions } from './server.js';

/** ms beyond its deadline that a call may take on a machine that does much else; far below what it would take without one. */
const SLACK = 5_000;
/** ms a condition may take there, a process started included. */
const SETTLES = 60_000;
/** ms a drain may take. */
const DRAIN = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'tocsin-grpc-'));
const traceFile = join(folder, 'traces.jsonl');
const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'silent' as never, traceFile });
const caller: Caller = { ...serviceCaller('test'), tenantId: 'ten_1' };

const opened: { channels: GrpcChannel[]; servers: GrpcServer[]; children: ChildProcess[] } = { channels: [], servers: [], children: [] };
afterEach(async () => {
  for (const channel of opened.channels.splice(0)) channel.close();
  await Promise.all(opened.servers.splice(0).map((server) => server.drain(500)));
  for (const child of opened.children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Directory = Parameters<typeof serve<typeof DirectoryServiceDefinition>>[1];

async function start(implementation: Partial<Directory>, options: Partial<GrpcServerOptions> = {}): Promise<GrpcServer> {
  const missing = async (): Promise<never> => Promise.reject(new Error('not in this test'));
  const server = await startGrpcServer(
    {
      host: '127.0.0.1',
      port: 0,
      services: [serve(DirectoryServiceDefinition, { authenticate: missing, appendAudit: missing, ...implementation })],
      authenticate: 'caller',
      ...options,
    },
    deps,
  );
  opened.servers.push(server);
  return server;
}

function channelTo(...ports: number[]): GrpcChannel {
  const channel = openGrpcChannel({ addresses: ports.map((port) => `127.0.0.1:${port}`) }, deps);
  opened.channels.push(channel);
  return channel;
}

describe('errors across the wire', () => {
  const rows: readonly [label: string, error: TocsinError][] = [
    ['field violations', invalidArgument([{ field: 'weight', description: 'must be 1 to 100, é' }])],
    ['a retry delay in milliseconds', new TocsinError('UNAUTHENTICATED', 'SHED', 'Too many.', { retryAfterMs: 1_250 })],
    ['metadata', new TocsinError('ALREADY_EXISTS', 'IDEMPOTENCY_KEY_REUSED', 'Other body.', { metadata: { key_id: 'key_1' } })],
    ['a bare refusal', new TocsinError('PERMISSION_DENIED', 'ROLE_MISSING', 'No.')],
  ];
  it.each(rows)('keep code, reason, message and %s', async (_label, sent) => {
    const server = await start({ authenticate: () => Promise.reject(sent) });
    const got = await errorOf(
      channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: 'x' }, onBehalfOf(caller, 5_000)),
    );
    const parts = ({ code, reason, message, fieldViolations, retryAfterMs, metadata }: TocsinError) => ({
      code,
      reason,
      message,
      fieldViolations,
      retryAfterMs,
      metadata,
    });
    expect(parts(got)).toEqual(parts(sent));
  });

  it('hide a defect behind a reference and tell nothing of it', async () => {
    const server = await start({ authenticate: () => Promise.reject(new Error('password=hunter2')) });
    const got = await errorOf(
      channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: 'x' }, onBehalfOf(caller, 5_000)),
    );
    expect(got).toMatchObject({ code: 'INTERNAL', reason: 'DEFECT' });
    expect(got.message).not.toContain('hunter2');
    expect(got.message).toContain(got.metadata['reference']);
  });
});

describe('callers', () => {
  it('reach the implementation as the gateway vouched for them', async () => {
    let seen: Caller | undefined;
    const server = await start({
      appendAudit: async (_request, context) => {
        seen = callerOf(context);
        return { entryId: 'a' };
      },
    });
    await channelTo(server.port).client(DirectoryServiceDefinition).appendAudit({ entry: undefined }, onBehalfOf(caller, 5_000));
    expect(seen).toEqual(caller);
  });

  it('are required, and damaged ones refused, except by health', async () => {
    const server = await start({});
    const directory = channelTo(server.port).client(DirectoryServiceDefinition);
    expect(await errorOf(directory.authenticate({ secret: '' }, { deadlineMs: 5_000 }))).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason: 'CALLER_MISSING',
    });
    const metadata = Metadata().set('tocsin-caller-bin', Buffer.from('ffffffff', 'hex'));
    expect(await errorOf(directory.authenticate({ secret: '' }, { deadlineMs: 5_000, metadata }))).toMatchObject({
      reason: 'CALLER_DAMAGED',
    });
    const health = channelTo(server.port).client(HealthDefinition);
    expect(await health.check({ service: 'tocsin.tenants.v1.DirectoryService' }, { deadlineMs: 5_000 })).toEqual({ status: 1 });
    server.setServing(false);
    expect(await health.check({ service: '' }, { deadlineMs: 5_000 })).toEqual({ status: 2 });
    expect(await errorOf(health.check({ service: 'none' }, { deadlineMs: 5_000 }))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('with more than 16 KiB of metadata are refused', async () => {
    const server = await start({});
    const options = onBehalfOf(caller, 5_000);
    options.metadata?.set('x-long', 'a'.repeat(17_000));
    const got = await errorOf(channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: '' }, options));
    expect(got).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'METADATA_TOO_LARGE' });
  });
});

describe('deadlines and retries', () => {
  it('refuse a call without a deadline before it leaves', async () => {
    const directory = channelTo(1).client(DirectoryServiceDefinition);
    expect(await errorOf(directory.authenticate({ secret: '' }, undefined as never))).toMatchObject({ reason: 'DEADLINE_MISSING' });
    expect(await errorOf(directory.authenticate({ secret: '' }, { deadlineMs: 0 }))).toMatchObject({ reason: 'DEADLINE_MISSING' });
  });

  it('end a call that nobody answers, and tell the server', async () => {
    let aborted = false;
    const server = await start({
      authenticate: (_request, context) =>
        new Promise((_resolve, reject) =>
          context.signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('gone'));
          }),
        ),
    });
    const started = performance.now();
    const got = await errorOf(
      channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: '' }, onBehalfOf(caller, 300)),
    );
    expect(got.code).toBe('DEADLINE_EXCEEDED');
    expect(performance.now() - started).toBeLessThan(300 + SLACK);
    await expect.poll(() => aborted, { timeout: SLACK }).toBe(true);
  });

  it('say UNAVAILABLE within the deadline when no instance is there', async () => {
    const started = performance.now();
    const got = await errorOf(channelTo(1, 2).client(DirectoryServiceDefinition).authenticate({ secret: '' }, onBehalfOf(caller, 800)));
    expect(got.code).toBe('UNAVAILABLE');
    expect(performance.now() - started).toBeLessThan(800 + SLACK);
  });

  it('repeat what lost a guard, and not what is refused for good', async () => {
    let calls = 0;
    const server = await start({
      authenticate: async () => {
        calls += 1;
        if (calls < 3) throw new TocsinError('ABORTED', 'LOST', 'Again.');
        throw new TocsinError('FAILED_PRECONDITION', 'NO', 'No.');
      },
    });
    const got = await errorOf(
      channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: '' }, onBehalfOf(caller, 5_000)),
    );
    expect([got.code, calls]).toEqual(['FAILED_PRECONDITION', 3]);
  });
});

/** An instance in a process of its own, from the built library, answering with its name. */
async function startProcess(name: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const script = `
    import { serve, startGrpcServer } from '@tocsin/grpc';
    import { createObservability } from '@tocsin/observability';
    import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
    const services = [serve(DirectoryServiceDefinition, {
      authenticate: async () => ({ principal: undefined, roles: [], keyId: ${JSON.stringify(name)} }),
      appendAudit: async () => ({ entryId: '' }),
    })];
    const deps = createObservability({ service: 'peer', instanceId: 'peer', logLevel: 'error' });
    const server = await startGrpcServer({ host: '127.0.0.1', port: ${port}, services, authenticate: 'caller' }, deps);
    console.log('port ' + server.port);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  opened.children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the peer did not start')));
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /port (\d+)/.exec(String(chunk));
      if (found) resolve({ child, port: Number(found[1]) });
    });
  });
}

describe('two instances', () => {
  it('share the calls, and no call fails when one is killed, frozen or comes back', async () => {
    const [one, two] = [await startProcess('one', 0), await startProcess('two', 0)];
    const directory = channelTo(one.port, two.port).client(DirectoryServiceDefinition);
    const ask = async (): Promise<string> => (await directory.authenticate({ secret: '' }, onBehalfOf(caller, SETTLES))).keyId;
    const asked = await Promise.all(Array.from({ length: 20 }, ask));
    expect(asked.filter((name) => name === 'one')).toHaveLength(10);

    const during = Array.from({ length: 30 }, (_, n) => pause(n * 10).then(ask));
    await pause(100);
    one.child.kill('SIGKILL');
    expect((await Promise.all(during)).slice(-10)).toEqual(Array.from({ length: 10 }, () => 'two'));

    await startProcess('one again', one.port);
    const both = async (): Promise<number> => new Set(await Promise.all(Array.from({ length: 10 }, ask))).size;
    await expect.poll(both, { timeout: SETTLES, interval: 200 }).toBe(2);

    two.child.kill('SIGSTOP');
    const started = performance.now();
    expect(new Set(await Promise.all(Array.from({ length: 6 }, ask)))).toEqual(new Set(['one again']));
    // By keepalive, long before the calls' own deadline.
    expect(performance.now() - started).toBeLessThan(SETTLES / 3);
  });

  it('survive that the only instance restarts', async () => {
    const one = await startProcess('one', 0);
    const directory = channelTo(one.port).client(DirectoryServiceDefinition);
    await directory.authenticate({ secret: '' }, onBehalfOf(caller, 5_000));
    one.child.kill('SIGKILL');
    const late = directory.authenticate({ secret: '' }, onBehalfOf(caller, SETTLES));
    await pause(1_200);
    await startProcess('again', one.port);
    expect((await late).keyId).toBe('again');
  });
});

describe('drain', () => {
  it('lets a running call finish, refuses new ones and ends endless ones at once', async () => {
    const server = await start({ authenticate: () => pause(600).then(() => ({ principal: undefined, roles: [], keyId: 'done' })) });
    const directory = channelTo(server.port).client(DirectoryServiceDefinition);
    const watch = channelTo(server.port).client(HealthDefinition).watch({ service: '' }, { deadlineMs: 60_000 })[Symbol.asyncIterator]();
    expect((await watch.next()).value).toEqual({ status: 1 });
    const running = directory.authenticate({ secret: '' }, onBehalfOf(caller, 5_000));
    await pause(100);
    const started = performance.now();
    const drained = server.drain(DRAIN);
    expect((await running).keyId).toBe('done');
    const ended = await (async () => {
      for (;;) if ((await watch.next()).done) return;
    })().catch((error: unknown) => error);
    expect(ended).toMatchObject({ code: 'UNAVAILABLE' });
    await drained;
    // The endless stream did not make it wait for its whole deadline.
    expect(performance.now() - started).toBeLessThan(DRAIN);
    expect(
      await errorOf(channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: '' }, onBehalfOf(caller, 300))),
    ).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('cuts what does not finish within the deadline', async () => {
    const server = await start({
      authenticate: () => pause(20_000, undefined, { ref: false }).then(() => ({ principal: undefined, roles: [], keyId: '' })),
    });
    const running = errorOf(
      channelTo(server.port).client(DirectoryServiceDefinition).authenticate({ secret: '' }, onBehalfOf(caller, 2_000)),
    );
    await pause(100);
    const started = performance.now();
    await server.drain(300);
    // Not the twenty seconds of the call.
    expect(performance.now() - started).toBeLessThan(300 + SLACK);
    expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain((await running).code);
  });
});

describe('streams and spans', () => {
  it('carry items one by one, stop when the reader stops, and keep the trace', async () => {
    let sent = 0;
    let finished = false;
    let serverTrace = '';
    const implementation = {
      async *walkAudience(_request: unknown, context: Parameters<typeof endOnDrain>[0]) {
        endOnDrain(context);
        serverTrace = deps.tracing.current();
        try {
          for (;;) {
            sent += 1;
            yield WalkAudienceResponse.fromPartial({});
            await pause(2);
          }
        } finally {
          finished = true;
        }
      },
    };
    const missing = async (): Promise<never> => Promise.reject(new TocsinError('FAILED_PRECONDITION', 'NO', 'No.'));
    const methods = Object.fromEntries(Object.keys(AudienceServiceDefinition.methods).map((name) => [name, missing]));
    const service = serve(AudienceServiceDefinition, { ...methods, ...implementation } as never);
    const server = await start({}, { services: [service] });
    const client = channelTo(server.port).client(AudienceServiceDefinition);
    let clientTrace = '';
    await deps.tracing.span('test', {}, async () => {
      clientTrace = deps.tracing.current();
      let got = 0;
      for await (const _page of client.walkAudience({} as never, onBehalfOf(caller, 10_000))) if (++got === 5) break;
    });
    await pause(300);
    const stopped = sent;
    await pause(100);
    expect(finished).toBe(true);
    expect(sent).toBe(stopped);
    expect(serverTrace.split('-')[1]).toBe(clientTrace.split('-')[1]);
    await deps.tracing.shutdown();
    const text = readFileSync(traceFile, 'utf8');
    expect(text.split('\n').filter((line) => line.includes(clientTrace.split('-')[1] ?? '?')).length).toBeGreaterThanOrEqual(3);
  });
});

describe('off loopback', () => {
  it('neither serves nor calls without TLS, in one clear sentence', async () => {
    await expect(start({}, { host: '0.0.0.0' })).rejects.toMatchObject({
      reason: 'TLS_REQUIRED',
      message: expect.stringContaining('without TLS is refused'),
    });
    expect(() => openGrpcChannel({ addresses: ['tenants.example:7420'] }, deps)).toThrow(/without TLS is refused/);
  });
});
