import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { PrincipalKind, Role, type AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { openGrpcChannel, serve, startGrpcServer, type GrpcChannel, type GrpcServer } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import { AuditTrail } from '../audit-trail.js';
import type { CallContext } from '../call-context.js';
import { forwardService, type GenericClient } from '../forwarder.js';
import { AlertSteps } from './alert-steps.js';
import { CallAdmission } from './call-admission.js';
import { doorkeeper } from './doorkeeper.js';

/** What one tenant may have running; the flood is ten times that. */
const PER_TENANT = 10;
const FLOOD = 100;
/** Time for the client's few tries after refusals, ms. */
const LIMIT = { deadlineMs: 5_000 };

const deps = createObservability({ service: 'gateway', instanceId: 'test', logLevel: 'error' });
const entries: AuditEntry[] = [];
/** Calls held by their owner until it is let go. */
const waiting: (() => void)[] = [];
let server: GrpcServer;
const channels = new Map<string, GrpcChannel>();

/** The owner of campaigns: reads of the city hang, as they would in a service that has too much to do. */
const owner: GenericClient = Object.fromEntries(
  Object.keys(CampaignsServiceDefinition.methods).map((name) => [
    name,
    (request: unknown) => {
      const { tenantId, campaignId } = request as { tenantId: string; campaignId?: string };
      const answer = { campaign: { campaignId: campaignId ?? `cmp_${tenantId}`, lane: Lane.LIFE_SAFETY } };
      if (name !== 'getCampaign' || tenantId !== 'city') return Promise.resolve(answer);
      return new Promise((resolve) => waiting.push(() => resolve(answer)));
    },
  ]),
);

function clientOf(tenantId: string) {
  const channel =
    channels.get(tenantId) ?? openGrpcChannel({ addresses: [`127.0.0.1:${server.port}`], metadata: { tenant: tenantId } }, deps);
  channels.set(tenantId, channel);
  return channel.client(CampaignsServiceDefinition);
}

function callerOf(metadata: CallContext['metadata']): Caller {
  const tenantId = metadata.get('tenant') ?? '';
  return { principalId: 'prn', tenantId, kind: PrincipalKind.AGENT, roles: [Role.AUTHOR, Role.READER], keyId: `key_${tenantId}` };
}

beforeAll(async () => {
  const parts = {
    audit: new AuditTrail({
      append: (entry) => Promise.resolve(void entries.push(entry)),
      now: () => 1,
      logger: deps.logger,
      metrics: deps.metrics,
    }),
    calls: new CallAdmission({ perKey: 1_000, perTenant: PER_TENANT, all: 100, least: 100, perSecond: 10_000, burst: 10_000 }),
    streams: new CallAdmission({ perKey: 2, perTenant: 10, all: 10, least: 10, perSecond: 1_000, burst: 1_000 }),
    alerts: new AlertSteps(),
    recheck: () => Promise.reject(new Error('not asked')),
    onSuccess: () => undefined,
    now: () => performance.now(),
  };
  const service = forwardService({ definition: CampaignsServiceDefinition, downstream: 'campaigns' }, owner, parts);
  server = await startGrpcServer(
    {
      host: '127.0.0.1',
      port: 0,
      services: [serve(CampaignsServiceDefinition, service as never)],
      authenticate: (_method, metadata) => Promise.resolve(callerOf(metadata)),
      admit: doorkeeper({ ...parts, known: callerOf }),
    },
    deps,
  );
});

afterAll(async () => {
  for (const channel of channels.values()) channel.close();
  await server.drain(1_000);
});

describe('a tenant that calls ten times what it may', () => {
  it('is refused what is beyond, with when to come back; another’s calls are all answered and its own alert goes out', async () => {
    const city = clientOf('city');
    const flood = Array.from({ length: FLOOD }, () =>
      city.getCampaign({ tenantId: 'city', campaignId: 'cmp_1' }, { deadlineMs: 15_000 }).then(
        () => 'answered',
        (error: unknown) => error,
      ),
    );
    await expect.poll(() => waiting.length).toBe(PER_TENANT);

    const refused = await city.getCampaign({ tenantId: 'city', campaignId: 'cmp_1' }, LIMIT).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TocsinError);
    expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'TENANT_BUSY', retryAfterMs: 200 });

    const commune = clientOf('commune');
    for (let read = 0; read < 20; read += 1) {
      await expect(commune.getCampaign({ tenantId: 'commune', campaignId: 'cmp_2' }, LIMIT)).resolves.toBeDefined();
    }

    const content = { title: 'Crue', lane: Lane.LIFE_SAFETY };
    const drafted = await city.createCampaign({ tenantId: 'city', idempotencyKey: 'k', content }, LIMIT);
    const campaignId = drafted.campaign?.campaignId ?? '';
    await expect(city.releaseCampaign({ tenantId: 'city', campaignId, contentHash: 'h' }, LIMIT)).resolves.toBeDefined();
    await expect(city.stopCampaign({ tenantId: 'city', campaignId, reason: 'fin' }, LIMIT)).resolves.toBeDefined();
    const news = city.createCampaign({ tenantId: 'city', idempotencyKey: 'n', content: { ...content, lane: Lane.BULK } }, LIMIT);
    await expect(news).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    // What was shed did nothing, so it is not in the audit.
    expect(entries.map(({ action, outcome }) => [action.split('/')[1], outcome])).toEqual([
      ['CreateCampaign', 'OK'],
      ['ReleaseCampaign', 'OK'],
      ['StopCampaign', 'OK'],
    ]);

    // Each of the flood is answered or told when to come back; then there is room again.
    for (const go of waiting.splice(0)) go();
    const ends = await Promise.all(flood);
    const refusals = ends.filter((end) => end !== 'answered');
    expect(refusals).toHaveLength(FLOOD - PER_TENANT);
    expect(refusals).toEqual(refusals.map(() => expect.objectContaining({ code: 'RESOURCE_EXHAUSTED', retryAfterMs: 200 }) as Error));
    const late = city.getCampaign({ tenantId: 'city', campaignId: 'cmp_1' }, LIMIT);
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.();
    await expect(late).resolves.toBeDefined();
  });
});
