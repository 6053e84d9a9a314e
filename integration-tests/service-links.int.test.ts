import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { DirectoryServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { onBehalfOf, openGrpcChannel, serviceCaller } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import { freePorts, groundEnv, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'links-test', logLevel: 'error' });
const folder = mkdtempSync(join(tmpdir(), 'tocsin-links-'));
const file = (name: string): string => join(folder, name);
/** An address that is not loopback: what a second machine would call. */
const HOST =
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
const SECRET = `tok_key_01JD0000000000000000000000_${'A'.repeat(43)}`;
const SERVING = ['tenants', 'subscribers', 'campaigns', 'deliveries'] as const;

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/** An authority of this test's own, and a certificate it signed. */
function makeCertificates(): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=tocsin test authority');
  openssl('req', ...curve, '-keyout', file('link.key'), '-out', file('link.csr'), '-subj', '/CN=tocsin service');
  writeFileSync(file('names'), `subjectAltName=IP:127.0.0.1,IP:${HOST}\n`);
  const signed = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('names'), '-days', '2'];
  openssl('x509', '-req', '-in', file('link.csr'), '-out', file('link.pem'), ...signed);
}

describe('services on several machines', () => {
  let ground: TestGround;
  let env: Record<string, string>;
  const running = new Map<string, ServiceProcess>();
  const links = { TOCSIN_LINK_CERTIFICATE: file('link.pem'), TOCSIN_LINK_KEY: file('link.key'), TOCSIN_LINK_CA: file('ca.pem') };

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
    const half = { ...env, TOCSIN_LINK_CERTIFICATE: links.TOCSIN_LINK_CERTIFICATE };
    await expect(startService('tenants', half)).rejects.toThrow(/TOCSIN_LINK_KEY is required with/);
  }, 60_000);

  it('open, and call each other, when each has its certificate', async () => {
    const publicTls = { TOCSIN_GATEWAY_TLS_CERT: links.TOCSIN_LINK_CERTIFICATE, TOCSIN_GATEWAY_TLS_KEY: links.TOCSIN_LINK_KEY };
    for (const name of [...SERVING, 'routing', 'gateway']) running.set(name, await startService(name, { ...env, ...links, ...publicTls }));
    const metadata = { authorization: `Bearer ${SECRET}` };
    const channel = openGrpcChannel(
      { addresses: [`${HOST}:${running.get('gateway')?.grpcPort}`], metadata, tls: { ca: file('ca.pem') } },
      deps,
    );
    const call = channel.client(CampaignsServiceDefinition).getCampaign({ campaignId: 'cmp_1' }, { deadlineMs: 5_000 });
    // The directory of another process was asked, and knows no such key.
    await expect(call).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    channel.close();
  }, 120_000);

  it.each([
    [
      'a caller with a certificate of the authority is answered',
      { certificate: file('link.pem'), key: file('link.key') },
      'UNAUTHENTICATED',
    ],
    ['a caller without one is not, whatever it says of itself', {}, 'UNAVAILABLE'],
  ])('%s', async (_label, own, code) => {
    const channel = openGrpcChannel(
      { addresses: [`${HOST}:${running.get('tenants')?.grpcPort}`], tls: { ca: file('ca.pem'), ...own } },
      deps,
    );
    const call = channel.client(DirectoryServiceDefinition).authenticate({ secret: SECRET }, onBehalfOf(serviceCaller('test'), 3_000));
    await expect(call).rejects.toMatchObject({ code });
    channel.close();
  });
});
