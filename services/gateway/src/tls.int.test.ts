import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { openGrpcChannel } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import { groundEnv, startGround, startService, type ServiceProcess, type TestGround } from '@tocsin/testing';

const deps = createObservability({ service: 'test', instanceId: 'tls-test', logLevel: 'error' });
const folder = mkdtempSync(join(tmpdir(), 'tocsin-tls-'));
const certificate = join(folder, 'gateway.pem');
const key = join(folder, 'gateway.key');
const nobody = '127.0.0.1:1';

describe('the public address', () => {
  let ground: TestGround;
  let env: Record<string, string>;
  let tenants: ServiceProcess;
  let gateway: ServiceProcess;

  beforeAll(async () => {
    const subject = ['-subj', '/CN=tocsin.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', certificate, '-days', '2', ...subject], { stdio: 'pipe' });
    ground = await startGround();
    tenants = await startService('tenants', groundEnv(ground));
    env = {
      ...groundEnv(ground),
      TOCSIN_ADDRESSES_TENANTS: `127.0.0.1:${tenants.grpcPort}`,
      TOCSIN_ADDRESSES_SUBSCRIBERS: nobody,
      TOCSIN_ADDRESSES_CAMPAIGNS: nobody,
      TOCSIN_ADDRESSES_DELIVERIES: nobody,
    };
    gateway = await startService('gateway', { ...env, TOCSIN_GATEWAY_TLS_CERT: certificate, TOCSIN_GATEWAY_TLS_KEY: key });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([gateway.kill(), tenants.kill()]);
    await ground.stop();
  });

  it.each([
    ['speaks TLS to who trusts its certificate: the key is looked at', { tls: { ca: certificate } }, 'UNAUTHENTICATED'],
    ['is not trusted by who does not know its authority', { tls: {} }, 'UNAVAILABLE'],
    ['never answers in the clear', {}, 'UNAVAILABLE'],
  ])('%s', async (_label, options, code) => {
    const metadata = { authorization: `Bearer tok_key_01JD0000000000000000000000_${'A'.repeat(43)}` };
    const channel = openGrpcChannel({ addresses: [`127.0.0.1:${gateway.grpcPort}`], metadata, ...options }, deps);
    await expect(
      channel.client(CampaignsServiceDefinition).getCampaign({ campaignId: 'cmp_1' }, { deadlineMs: 3_000 }),
    ).rejects.toMatchObject({
      code,
    });
    channel.close();
  });

  it.each([
    ['off this machine without a certificate', { TOCSIN_BIND_HOST: '0.0.0.0' }, /TLS_REQUIRED|without TLS is refused/],
    ['with half of one', { TOCSIN_GATEWAY_TLS_CERT: certificate }, /set together or not at all/],
  ])('does not open %s, and says so', async (_label, more, said) => {
    await expect(startService('gateway', { ...env, ...more })).rejects.toThrow(said);
  });
});
