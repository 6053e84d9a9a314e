import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { onBehalfOf, openGrpcChannel, serviceCaller } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import { credentialFiles, linkEnvironment, makeCredentials } from '@tocsin/sealing/credentials';
import { freePorts, groundEnv, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'links-test', logLevel: 'error' });
const folder = mkdtempSync(join(tmpdir(), 'tocsin-links-'));
/** An address that is not loopback: what a second machine would call. */
const HOST =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
const DAY = 86_400_000;
const SECRET = `tok_key_01JD0000000000000000000000_${'A'.repeat(43)}`;
const SERVING = ['tenants', 'subscribers', 'campaigns', 'deliveries'] as const;
const STRANGERS = mkdtempSync(join(tmpdir(), 'tocsin-strangers-'));

/** Certificates of every service by one authority, of one by another, and of one that has expired. */
function makeCertificates(): void {
  const hosts = ['127.0.0.1', HOST];
  const names = [...SERVING, 'routing', 'gateway', 'channel-sms'];
  makeCredentials({ dir: folder, names, databases: new Map(), hosts, now: Date.now() });
  makeCredentials({ dir: folder, names: ['expired'], databases: new Map(), hosts, now: Date.now() - 8 * DAY, days: 7 });
  makeCredentials({ dir: STRANGERS, names: ['gateway'], databases: new Map(), hosts, now: Date.now() });
}

function linksOf(name: string): Record<string, string> {
  const links = Object.entries(linkEnvironment(folder, name, false)).filter(([variable]) => variable.startsWith('TOCSIN_LINK_'));
  return Object.fromEntries(links);
}

describe('services on several machines', () => {
  let ground: TestGround;
  let env: Record<string, string>;
  const running = new Map<string, ServiceProcess>();

  beforeAll(async () => {
    makeCertificates();
    ground = await startGround();
    const ports = await freePorts(SERVING.length);
    const addresses = SERVING.flatMap((name, at) => [
      [`TOCSIN_${name.toUpperCase()}_GRPC_PORT`, String(ports[at])],
      [`TOCSIN_ADDRESSES_${name.toUpperCase()}`, `${HOST}:${ports[at]}`],
    ]);
    env = { ...groundEnv(ground), TOCSIN_BIND_HOST: '0.0.0.0', ...(Object.fromEntries(addresses) as Record<string, string>) };
  });
  afterAll(async () => {
    for (const service of running.values()) await service.kill();
    await ground.stop();
  });

  it('do not open without certificates, and say so', async () => {
    await expect(startService('tenants', env)).rejects.toThrow(/without TLS is refused/);
    const half = { ...env, TOCSIN_LINK_CERTIFICATE: credentialFiles(folder, 'tenants').certificate };
    await expect(startService('tenants', half)).rejects.toThrow(/TOCSIN_LINK_KEY is required with/);
  }, 60_000);

  it('open, and call each other, when each has its certificate', async () => {
    const { ca, certificate, key } = credentialFiles(folder, 'gateway');
    const publicTls = { TOCSIN_GATEWAY_TLS_CERT: certificate, TOCSIN_GATEWAY_TLS_KEY: key };
    for (const name of [...SERVING, 'routing', 'gateway']) {
      running.set(name, await startService(name, { ...env, ...linksOf(name), ...publicTls }));
    }
    const metadata = { authorization: `Bearer ${SECRET}` };
    const channel = openGrpcChannel({ addresses: [`${HOST}:${running.get('gateway')?.grpcPort}`], metadata, tls: { ca } }, deps);
    const call = channel.client(CampaignsServiceDefinition).getCampaign({ campaignId: 'cmp_1' }, { deadlineMs: 5_000 });
    // The directory of another process was asked, and knows no such key.
    await expect(call).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    channel.close();
  }, 120_000);

  const own = (name: string, dir = folder) => ({
    certificate: credentialFiles(dir, name).certificate,
    key: credentialFiles(dir, name).key,
  });
  it.each([
    ['the gateway is answered', own('gateway'), 'UNAUTHENTICATED', /key/],
    ['a caller without a certificate is not, whatever it says of itself', {}, 'UNAVAILABLE', /./],
    ['one with the certificate of another authority is not', own('gateway', STRANGERS), 'UNAVAILABLE', /./],
    ['one whose certificate has expired is not', own('expired'), 'UNAVAILABLE', /./],
    ['a channel has no business with keys', own('channel-sms'), 'PERMISSION_DENIED', /"channel-sms" is not allowed to call .*Authenticate/],
    ['nor has a service behind the gateway', own('campaigns'), 'PERMISSION_DENIED', /"campaigns" is not allowed/],
  ])('%s', async (_label, given, code, message) => {
    const answer = await ask({ ca: credentialFiles(folder, 'gateway').ca, ...given });
    expect(answer).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('a server of another authority is not believed', async () => {
    expect(await ask({ ca: credentialFiles(STRANGERS, 'gateway').ca, ...own('gateway') })).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('a server that is another service than the one called is not believed', async () => {
    expect(await ask({ ca: credentialFiles(folder, 'gateway').ca, ...own('gateway') }, 'deliveries')).toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('nothing listens in the clear', async () => {
    const listening = [...SERVING, 'gateway'].map((name) => running.get(name)?.grpcPort ?? 0);
    expect(await Promise.all(listening.map(plainAnswer))).toEqual(listening.map(() => ''));
  });

  /** What the directory says to a caller with these certificates, asked where the tenants service listens. */
  async function ask(tls: Record<string, string>, service = 'tenants'): Promise<unknown> {
    const channel = openGrpcChannel({ service, addresses: [`${HOST}:${running.get('tenants')?.grpcPort}`], tls }, deps);
    try {
      return await channel.client(DirectoryServiceDefinition).authenticate({ secret: SECRET }, onBehalfOf(serviceCaller('test'), 3_000));
    } catch (error) {
      return error;
    } finally {
      channel.close();
    }
  }
});

/** What a client that speaks no TLS hears: the preface of HTTP/2 answered, or nothing. */
function plainAnswer(port: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ port, host: HOST }, () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (heard += chunk[0] === TLS_ALERT ? '' : chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

/** First octet of a TLS record that says the handshake failed. */
const TLS_ALERT = 0x15;
