import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { PrincipalKind, Role, type AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError, invalidArgument, notFound } from '@tocsin/errors';
import { openGrpcChannel, serve, startGrpcServer, type GrpcChannel, type GrpcServer } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import { AuditTrail } from './audit-trail.js';
import { forwardService, type GenericClient } from './forwarder.js';
import { AlertSteps } from './load/alert-steps.js';
import { CallAdmission } from './load/call-admission.js';

const deps = createObservability({ service: 'gateway', instanceId: 'test', logLevel: 'error' });
const author: Caller = {
  principalId: 'prn_1',
  tenantId: 'ten_A',
  kind: PrincipalKind.AGENT,
  roles: [Role.AUTHOR, Role.REGISTRAR],
  keyId: 'key_1',
};

/** What reached the owner, and what it does next. */
const owner = { seen: [] as { method: string; request: unknown }[], fail: undefined as TocsinError | undefined, silent: false, live: 0 };
let auditFails = false;
let entries: AuditEntry[] = [];
let caller: Caller = author;
let server: GrpcServer;
let channel: GrpcChannel;
const calls = new CallAdmission({ perKey: 3, perTenant: 100, all: 100, least: 100, perSecond: 1_000, burst: 1_000 });
const streams = new CallAdmission({ perKey: 2, perTenant: 10, all: 10, least: 10, perSecond: 1_000, burst: 1_000 });

function answering(method: string, answer: unknown): (request: unknown) => Promise<unknown> {
  return (request) => {
    owner.seen.push({ method, request });
    return owner.fail ? Promise.reject(owner.fail) : Promise.resolve(answer);
  };
}

function abortError(): Error {
  return Object.assign(new Error('aborted'), { name: 'AbortError' });
}

const campaigns: GenericClient = {
  ...Object.fromEntries(
    Object.keys(CampaignsServiceDefinition.methods).map((name) => [name, answering(name, { campaign: { campaignId: 'cmp_9' } })]),
  ),
  async *watchCampaign(request, options) {
    owner.seen.push({ method: 'watchCampaign', request });
    owner.live += 1;
    try {
      for (let cursor = 1; ; cursor += 1) {
        options.signal.throwIfAborted();
        yield { campaign: undefined, cursor };
        if (owner.fail) throw owner.fail;
        if (owner.silent) await new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(abortError())));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } finally {
      owner.live -= 1;
    }
  },
};
const registers: GenericClient = {
  ...Object.fromEntries(
    Object.keys(RegistersServiceDefinition.methods).map((name) => [name, answering(name, { contact: { contactId: 'con_0_1' } })]),
  ),
  async *importRegister(request) {
    for await (const message of request as AsyncIterable<unknown>) owner.seen.push({ method: 'importRegister', request: message });
    yield { import: { importId: 'imp_7' } };
  },
};

beforeAll(async () => {
  const audit = new AuditTrail({
    append: (entry) => {
      if (auditFails) return Promise.reject(new TocsinError('UNAVAILABLE', 'AWAY', 'The directory is away.'));
      entries.push(entry);
      return Promise.resolve();
    },
    now: () => 1,
    logger: deps.logger,
    metrics: deps.metrics,
  });
  const parts = {
    audit,
    calls,
    streams,
    alerts: new AlertSteps(),
    recheck: () => Promise.resolve(caller),
    onSuccess: () => undefined,
    now: () => performance.now(),
  };
  server = await startGrpcServer(
    {
      host: '127.0.0.1',
      port: 0,
      services: [
        serve(
          CampaignsServiceDefinition,
          forwardService({ definition: CampaignsServiceDefinition, downstream: 'campaigns' }, campaigns, parts) as never,
        ),
        serve(
          RegistersServiceDefinition,
          forwardService({ definition: RegistersServiceDefinition, downstream: 'subscribers' }, registers, parts) as never,
        ),
      ],
      authenticate: () => Promise.resolve(caller),
    },
    deps,
  );
  channel = openGrpcChannel({ addresses: [`127.0.0.1:${server.port}`] }, deps);
});

afterAll(async () => {
  channel.close();
  await server.drain(1_000);
});

beforeEach(() => {
  owner.seen = [];
  owner.fail = undefined;
  owner.silent = false;
  entries = [];
  auditFails = false;
  caller = author;
});

const LIMIT = { deadlineMs: 5_000 };

describe('forwarding', () => {
  it('says the caller’s tenant, whatever was left out, and writes down what changed', async () => {
    const client = channel.client(CampaignsServiceDefinition);
    const answer = await client.createCampaign({ idempotencyKey: 'k', content: { title: 'Crue' } }, LIMIT);
    expect(answer.campaign?.campaignId).toBe('cmp_9');
    expect(owner.seen[0]?.request).toMatchObject({ tenantId: 'ten_A', idempotencyKey: 'k', content: { title: 'Crue' } });
    expect(entries).toMatchObject([
      {
        tenantId: 'ten_A',
        principalId: 'prn_1',
        action: 'tocsin.campaigns.v1.CampaignsService/CreateCampaign',
        subjectId: 'cmp_9',
        outcome: 'OK',
      },
    ]);
  });

  it('another tenant’s id never reaches the owner and looks like nothing', async () => {
    const client = channel.client(CampaignsServiceDefinition);
    const refused = client.stopCampaign({ tenantId: 'ten_B', campaignId: 'cmp_1' }, LIMIT);
    await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'NOT_FOUND', message: notFound('Campaign').message });
    expect(owner.seen).toEqual([]);
    expect(entries).toMatchObject([{ tenantId: 'ten_A', subjectId: 'cmp_1', outcome: 'NOT_FOUND' }]);
  });

  it('an error of the owner arrives whole: code, reason, fields and data', async () => {
    owner.fail = invalidArgument([{ field: 'content.messages[0].body', description: 'unknown variable "nom"' }], 'UNKNOWN_VARIABLE');
    const refused = channel.client(CampaignsServiceDefinition).updateCampaign({ campaignId: 'cmp_1' }, LIMIT);
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'UNKNOWN_VARIABLE',
      message: owner.fail.message,
      fieldViolations: [{ field: 'content.messages[0].body', description: 'unknown variable "nom"' }],
    });
    expect(entries[0]).toMatchObject({ outcome: 'INVALID_ARGUMENT' });
  });

  it('a refused role is written down too, and the owner is not asked', async () => {
    await expect(channel.client(CampaignsServiceDefinition).approveCampaign({ campaignId: 'cmp_1' }, LIMIT)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    expect(owner.seen).toEqual([]);
    expect(entries).toMatchObject([{ action: 'tocsin.campaigns.v1.CampaignsService/ApproveCampaign', outcome: 'PERMISSION_DENIED' }]);
  });

  it('a release by a broken glass and a stop are written down once, with the words of who did it', async () => {
    const campaigns = channel.client(CampaignsServiceDefinition);
    await campaigns.releaseCampaign({ campaignId: 'cmp_1', breakGlassReason: 'seul de permanence' }, LIMIT);
    await campaigns.stopCampaign({ campaignId: 'cmp_1', reason: 'fausse alerte' }, LIMIT);
    expect(entries.map(({ action, subjectId, outcome, detail }) => [action.split('/')[1], subjectId, outcome, detail])).toEqual([
      ['ReleaseCampaign', 'cmp_1', 'OK', 'seul de permanence'],
      ['StopCampaign', 'cmp_1', 'OK', 'fausse alerte'],
    ]);
  });

  it('personal data does not leave when it cannot be written down who saw it', async () => {
    const client = channel.client(RegistersServiceDefinition);
    await client.getContact({ contactId: 'con_0_1' }, LIMIT);
    expect(entries).toMatchObject([{ subjectId: 'con_0_1', outcome: 'OK' }]);
    auditFails = true;
    await expect(client.getContact({ contactId: 'con_0_1' }, { deadlineMs: 300 })).rejects.toMatchObject({
      code: expect.stringMatching(/UNAVAILABLE|DEADLINE/) as string,
    });
  });

  it('what changed is answered although its entry waits', async () => {
    auditFails = true;
    await expect(channel.client(CampaignsServiceDefinition).pauseCampaign({ campaignId: 'cmp_1' }, LIMIT)).resolves.toBeDefined();
  });

  it('an import says its tenant in the header; another tenant’s is refused before a byte leaves', async () => {
    const client = channel.client(RegistersServiceDefinition);
    const send = async (tenantId: string): Promise<unknown[]> => {
      async function* parts() {
        yield { part: { $case: 'header' as const, value: { tenantId, fileName: 'a.csv' } } };
        yield { part: { $case: 'chunk' as const, value: Buffer.from('nom;prenom\n') } };
      }
      const answers = [];
      for await (const answer of client.importRegister(parts(), LIMIT)) answers.push(answer);
      return answers;
    };
    expect(await send('')).toMatchObject([{ import: { importId: 'imp_7' } }]);
    expect(owner.seen[0]?.request).toMatchObject({ part: { $case: 'header', value: { tenantId: 'ten_A' } } });
    expect(entries).toMatchObject([{ subjectId: 'imp_7', outcome: 'OK' }]);
    owner.seen = [];
    await expect(send('ten_B')).rejects.toMatchObject({ code: 'NOT_FOUND', reason: 'NOT_FOUND' });
    expect(owner.seen).toEqual([]);
  });

  it('a watch ends at its owner when its reader leaves, and a key has only so many', async () => {
    const client = channel.client(CampaignsServiceDefinition);
    const watches = [0, 1].map(() => client.watchCampaign({ campaignId: 'cmp_1' }, LIMIT)[Symbol.asyncIterator]());
    for (const watch of watches) expect((await watch.next()).value).toMatchObject({ cursor: 1 });
    const third = client.watchCampaign({ campaignId: 'cmp_1' }, LIMIT)[Symbol.asyncIterator]();
    await expect(third.next()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'KEY_BUSY', retryAfterMs: 200 });
    for (const watch of watches) await watch.return?.();
    await expect.poll(() => owner.live, { timeout: 20_000 }).toBe(0);
  });

  it.each([
    { label: 'its reader leaves while its owner says nothing', prepare: () => (owner.silent = true), end: 'left' },
    { label: 'its owner fails', prepare: () => (owner.fail = notFound('Campaign')), end: 'NOT_FOUND' },
    { label: 'its caller may not', prepare: () => (caller = { ...author, roles: [Role.REGISTRAR] }), end: 'PERMISSION_DENIED' },
  ])('a watch gives its place back when $label', async ({ prepare, end }) => {
    prepare();
    const watch = channel.client(CampaignsServiceDefinition).watchCampaign({ campaignId: 'cmp_1' }, LIMIT)[Symbol.asyncIterator]();
    const read = async (): Promise<string> => {
      for (let message = 0; message < 2; message += 1) {
        await watch.next();
        if (!owner.silent) continue;
        await watch.return?.();
        return 'left';
      }
      return 'read';
    };
    await expect(read().catch((error: unknown) => (error as TocsinError).code)).resolves.toBe(end);
    await expect.poll(() => [owner.live, streams.running()]).toEqual([0, 0]);
  });
});
