import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectMongo, type Guarded } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { ensureJars, freePorts, repositoryRoot, waitUntil } from '@tocsin/testing';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineAnswers, JAVA_IMAGE } from './containers/engine.js';

const engine = engineAnswers();

describe.skipIf(!engine)(engine ? 'on a container engine' : 'no container engine answers here: the container scenario does not run', () => {
  const data = mkdtempSync(join(tmpdir(), 'tocsin-container-'));
  const { logger, metrics, tracing } = createObservability({ service: 'containers', instanceId: 'containers-1', logLevel: 'error' });
  let container: StartedTestContainer;
  let port = 0;
  let jars = '';

  beforeAll(async () => {
    const root = repositoryRoot();
    jars = await ensureJars({ sourceDir: join(root, 'deploy', 'ground'), cacheDir: join(root, '.tocsin', 'cache'), progress: () => {} });
    [port = 0] = await freePorts(1);
    container = await startStore();
  }, 180_000);

  afterAll(async () => {
    await container.stop();
    await tracing.shutdown();
    rmSync(data, { recursive: true, force: true });
  }, 60_000);

  it('every acknowledged write is there after the container was killed in the middle of a stream of writes', async () => {
    const acknowledged: string[] = [];
    const first = await connectMongo(`mongodb://127.0.0.1:${port}`, 'containers', { logger, metrics });
    const documents = await first.documents<Guarded & { readonly text: string }>('claims');
    const writer = (async () => {
      for (let n = 0; n < 100_000; n += 1) {
        await documents.insert({ _id: `claim-${n}`, v: 1, text: 'x'.repeat(200) });
        acknowledged.push(`claim-${n}`);
      }
    })().catch(() => 'cut');
    await waitUntil('500 writes acknowledged', () => Promise.resolve(acknowledged.length >= 500), 30_000);
    execFileSync('docker', ['kill', '--signal', 'KILL', container.getId()]);
    expect(await writer).toBe('cut');
    await first.close();
    execFileSync('docker', ['rm', container.getId()]);

    container = await startStore();
    const second = await connectMongo(`mongodb://127.0.0.1:${port}`, 'containers', { logger, metrics });
    const again = await second.documents<Guarded & { readonly text: string }>('claims');
    const lost: string[] = [];
    for (const id of acknowledged) if ((await again.get(id)) === null) lost.push(id);
    await second.close();
    expect(lost).toEqual([]);
  }, 180_000);

  async function startStore(): Promise<StartedTestContainer> {
    return await new GenericContainer(JAVA_IMAGE)
      .withNetworkMode('host')
      .withBindMounts([
        { source: jars, target: '/jars', mode: 'ro' },
        { source: data, target: '/data', mode: 'rw' },
      ])
      .withCommand([
        'java',
        '-Xmx256m',
        '-Dtocsin.cacheMiB=128',
        '-cp',
        '/jars/*',
        'tocsin.ground.DocumentStore',
        String(port),
        '/data/store.mv',
      ])
      .withStartupTimeout(60_000)
      .start();
  }
});
