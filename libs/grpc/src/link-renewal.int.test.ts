import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { createObservability } from '@tocsin/observability';
import { credentialFiles, forgetOldAuthority, makeCredentials, replaceEverything, trustNextAuthority } from '@tocsin/sealing/credentials';
import { onBehalfOf, serviceCaller } from './caller.js';
import { openGrpcChannel } from './client.js';
import { serve, startGrpcServer, type GrpcServer } from './server.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'silent' as never });

describe('certificates that are replaced under a running server and its clients', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-renewal-'));
  const options = () => ({ dir, names: ['tenants', 'gateway'], databases: new Map(), hosts: ['127.0.0.1'], now: Date.now() });
  const own = (name: string) => {
    const { ca, certificate, key } = credentialFiles(dir, name);
    return { ca, certificate, key };
  };
  let server: GrpcServer;

  beforeAll(async () => {
    makeCredentials(options());
    const answered = async (): Promise<never> => Promise.reject(new Error('not in this test'));
    server = await startGrpcServer(
      {
        host: '127.0.0.1',
        port: 0,
        services: [serve(DirectoryServiceDefinition, { authenticate: async () => ({ roles: [], keyId: '' }), appendAudit: answered })],
        authenticate: 'caller',
        tls: own('tenants'),
      },
      deps,
    );
  });
  afterAll(async () => {
    await server.drain(500);
    rmSync(dir, { recursive: true, force: true });
  });

  /** Serial number the server shows to a new connection that proves itself with these files, or why there is none. */
  function served(): Promise<string> {
    const { ca, certificate, key } = own('gateway');
    const files = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) };
    return new Promise((resolve) => {
      const socket = connect({ port: server.port, host: '127.0.0.1', ALPNProtocols: ['h2'], ...files }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.once('error', (error) => resolve(error.message));
    });
  }

  it('are served and asked for anew, and no call of those who stay connected fails meanwhile', async () => {
    const open = () => openGrpcChannel({ service: 'tenants', addresses: [`127.0.0.1:${server.port}`], tls: own('gateway') }, deps);
    const staying = open();
    const call = async (channel: ReturnType<typeof open>) =>
      channel.client(DirectoryServiceDefinition).authenticate({ secret: 'x' }, onBehalfOf(serviceCaller('gateway'), 5_000));
    await call(staying);
    const before = await served();

    let failed = 0;
    let calls = 0;
    const calling = setInterval(() => {
      calls += 1;
      call(staying).catch(() => (failed += 1));
    }, 20);
    try {
      trustNextAuthority(options());
      await settled();
      replaceEverything(options());
      await expect.poll(served, { timeout: 10_000 }).not.toBe(before);
      const renewed = await served();
      expect(renewed).toMatch(/^[0-9A-F]{32}$/);
      await settled();
      forgetOldAuthority(options());
      await settled();
      expect(await served()).toBe(renewed);
      const fresh = open();
      await call(fresh);
      fresh.close();
    } finally {
      clearInterval(calling);
    }
    staying.close();
    expect({ failed, enough: calls > 20 }).toEqual({ failed: 0, enough: true });
  }, 60_000);
});

/** Files are looked at every half second. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_500));
