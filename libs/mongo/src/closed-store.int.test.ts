import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createObservability } from '@tocsin/observability';
import { credentialFiles, forgetOldAuthority, makeCredentials, replaceEverything, trustNextAuthority } from '@tocsin/sealing/credentials';
import { closedStore, ensureJars, findJava, freePorts, repositoryRoot, startDocumentStore, type ManagedProcess } from '@tocsin/testing';
import { connectMongo, type MongoConnection, type StoreSecurity } from './index.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'silent' as never });
/** Files are looked at every half second. */
const SETTLED_MS = 1_500;

describe('the document store with closed links', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-closed-store-'));
  const dir = join(folder, 'credentials');
  const databases = new Map([
    ['routing', 'tocsin_routing'],
    ['tenants', 'tocsin_tenants'],
    ['admin', '*'],
  ]);
  const options = () => ({ dir, names: ['routing', 'tenants', 'admin', 'store'], databases, hosts: ['127.0.0.1'], now: Date.now() });
  let port = 0;
  let store: ManagedProcess;
  const opened: MongoConnection[] = [];

  beforeAll(async () => {
    makeCredentials(options());
    [port = 0] = await freePorts(1);
    const root = repositoryRoot();
    const jars = await ensureJars({
      sourceDir: join(root, 'deploy/ground'),
      cacheDir: join(root, '.tocsin/cache'),
      progress: () => undefined,
    });
    const java = await findJava();
    const dataDir = join(folder, 'data');
    store = await startDocumentStore({
      java,
      jars,
      dataDir,
      logFile: join(folder, 'store.log'),
      onProcess: () => undefined,
      port,
      closed: closedStore(dir),
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(opened.map((connection) => connection.close()));
    await store.stop(10_000);
    rmSync(folder, { recursive: true, force: true });
  });

  const security = (user: string): StoreSecurity => {
    const { ca, storePassword } = credentialFiles(dir, user);
    return { ca, user, passwordFile: storePassword, authSource: 'admin' };
  };
  const open = async (given: StoreSecurity | undefined, database: string): Promise<MongoConnection> => {
    const connection = await connectMongo({ uri: `mongodb://127.0.0.1:${port}`, security: given }, database, deps);
    opened.push(connection);
    return connection;
  };
  /** "ok", or what went wrong. */
  const outcome = async (given: StoreSecurity | undefined, database: string): Promise<string> => {
    try {
      const items = await (await open(given, database)).documents('items');
      await items.get('a');
      return 'ok';
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message} ${cause.message}` : message;
    }
  };

  it.each([
    ['a service uses its own database', 'routing', 'tocsin_routing', /^ok$/],
    ['and none of another service', 'routing', 'tocsin_tenants', /not authorized on tocsin_tenants/],
    ['nor the one of administration', 'routing', 'admin', /not authorized on admin/],
    ['an administrator uses any', 'admin', 'tocsin_tenants', /^ok$/],
  ])('%s', async (_what, user, database, answer) => {
    expect(await outcome(security(user), database)).toMatch(answer);
  });

  it('lets nobody in with a wrong password, without one, by another authority or in the clear', async () => {
    const wrong = join(folder, 'wrong.password');
    writeFileSync(wrong, 'guess');
    expect(await outcome({ ...security('routing'), passwordFile: wrong }, 'tocsin_routing')).toMatch(/does not let this user in/);
    expect(await outcome({ ...security('routing'), user: 'nobody' }, 'tocsin_routing')).toMatch(/does not let this user in/);
    expect(await outcome({ ca: security('routing').ca, authSource: 'admin' }, 'tocsin_routing')).toMatch(/requires authentication/);
    const strangers = join(folder, 'strangers');
    makeCredentials({ ...options(), dir: strangers });
    expect(await outcome({ ...security('routing'), ca: credentialFiles(strangers, 'routing').ca }, 'tocsin_routing')).toMatch(
      /cannot be reached/,
    );
    expect(await outcome(undefined, 'tocsin_routing')).toMatch(/cannot be reached/);
  }, 60_000);

  it('answers nothing in the clear', async () => {
    const heard = await new Promise<string>((resolve) => {
      let all = '';
      // The head of a message of MongoDB's wire, which a server without TLS would answer or drop with a message.
      const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(Buffer.from('3a0000000100000000000000d4070000', 'hex')));
      socket.setTimeout(2_000, () => socket.destroy());
      socket.on('data', (chunk: Buffer) => (all += chunk[0] === 0x15 ? '' : chunk.toString('hex')));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(all));
    });
    expect(heard).toBe('');
  });

  it('no command fails while authority, certificate and every password are replaced, and the old ones are worth nothing afterwards', async () => {
    const items = await (await open(security('tenants'), 'tocsin_tenants')).documents('items');
    const kept = join(folder, 'kept.password');
    const before = credentialFiles(dir, 'tenants').storePassword;
    copyFileSync(before, kept);
    let done = 0;
    const failures: string[] = [];
    let longest = 0;
    const working = setInterval(() => {
      const started = performance.now();
      items.get('a').then(
        () => {
          done += 1;
          longest = Math.max(longest, performance.now() - started);
        },
        (error: unknown) => failures.push(String(error)),
      );
    }, 10);
    const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    try {
      trustNextAuthority(options());
      await settled();
      replaceEverything(options());
      await settled();
      forgetOldAuthority(options());
      await settled();
    } finally {
      clearInterval(working);
    }
    process.stderr.write(`document store: ${done} commands during the replacement, the longest ${Math.round(longest)} ms\n`);
    expect(failures).toEqual([]);
    expect(done).toBeGreaterThan(100);
    expect(await outcome(security('tenants'), 'tocsin_tenants')).toBe('ok');
    expect(await outcome({ ...security('tenants'), passwordFile: kept }, 'tocsin_tenants')).toMatch(/does not let this user in/);
  }, 60_000);
});
