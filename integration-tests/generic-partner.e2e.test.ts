import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReflectionPartner } from './generic-client/reflection.js';
import { accounted, registerOf } from './municipality.js';
import { startStack, type RunningStack } from './stack.js';

const TENANTS = 'tocsin.tenants.v1.TenantsService';
const REGISTERS = 'tocsin.subscribers.v1.RegistersService';
const CAMPAIGNS = 'tocsin.campaigns.v1.CampaignsService';
const REPORTS = 'tocsin.deliveries.v1.ReportsService';

type Row = Record<string, unknown>;

describe('a generic gRPC client that knows an address and a key', () => {
  let stack: RunningStack;
  let admin: ReflectionPartner;
  const open: ReflectionPartner[] = [];

  beforeAll(async () => {
    stack = await startStack();
    admin = partner(stack.adminKey);
  }, 240_000);
  afterAll(async () => {
    for (const one of open) one.close();
    await stack.stop();
  }, 120_000);

  it('lists the public services by reflection, and no internal one', async () => {
    const services = await admin.services();
    expect(services).toEqual(expect.arrayContaining([TENANTS, REGISTERS, CAMPAIGNS, REPORTS]));
    expect(services.filter((name) => /Directory|Audience|Suppressions/.test(name))).toEqual([]);
  });

  it('takes a campaign from the register to the report', async () => {
    const { tenant } = (await admin.call(TENANTS, 'CreateTenant', {
      idempotency_key: 'town',
      name: 'Mairie de Saint-Fictif',
      kind: 'TENANT_KIND_COMMUNE',
      insee_code: '44109',
      weight: 1,
    })) as { tenant: { tenant_id: string } };
    const author = await person(tenant.tenant_id, 'author', ['ROLE_AUTHOR', 'ROLE_REGISTRAR', 'ROLE_READER']);
    const approver = await person(tenant.tenant_id, 'approver', ['ROLE_APPROVER']);

    const progress = await author.exchange(REGISTERS, 'ImportRegister', [
      { header: { idempotency_key: 'register', register: 'REGISTER_KIND_GENERAL', file_name: 'registre.csv', purpose: 'alert' } },
      { chunk: readFileSync(registerOf(20)) },
    ]);
    expect(progress.at(-1)?.['import']).toMatchObject({ state: 'IMPORT_STATE_FINISHED', created: 20 });

    const content = {
      title: 'Alerte',
      type: 'CAMPAIGN_TYPE_ALERT',
      status: 'STATUS_ACTUAL',
      lane: 'LANE_URGENT',
      audience: { register: 'REGISTER_KIND_GENERAL', everyone: true },
      messages: [{ channel: 'sms', language: 'fr', body: 'Montez, {{ first_name }}.' }],
      channels: ['sms'],
      mode: 'MODE_PARALLEL',
      purpose: 'alert',
      expires_at: Date.now() + 3_600_000,
    };
    const draft = (await author.call(CAMPAIGNS, 'CreateCampaign', { idempotency_key: 'flood', content })) as {
      campaign: { campaign_id: string };
    };
    const again = (await author.call(CAMPAIGNS, 'CreateCampaign', { idempotency_key: 'flood', content })) as {
      campaign: { campaign_id: string };
    };
    expect(again.campaign.campaign_id).toBe(draft.campaign.campaign_id);
    const named = { campaign_id: draft.campaign.campaign_id };

    const preview = await author.call(CAMPAIGNS, 'PreviewCampaign', named);
    expect(preview).toMatchObject({ recipients: 20, needs_approval: true });
    await approver.call(CAMPAIGNS, 'ApproveCampaign', { ...named, content_hash: preview['content_hash'] });
    await author.call(CAMPAIGNS, 'ReleaseCampaign', { ...named, content_hash: preview['content_hash'] });
    const watched = await author.stream(CAMPAIGNS, 'WatchCampaign', named);
    const cursors = watched.map((answer) => answer['cursor'] as number);
    expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));

    const report = (await author.call(REPORTS, 'ListRecipients', { ...named, filter: 'RECIPIENT_FILTER_REACHED', page_size: 1_000 })) as {
      recipients: Row[];
    };
    expect(report.recipients).toHaveLength(20);
    const { tally } = (await author.call(REPORTS, 'GetTally', named)) as { tally: Record<string, number> };
    expect(tally).toMatchObject({ recipients: 20, terminal: 20, pending: 0 });
    expect(accounted({ ...tally, acceptedClosed: tally['accepted_closed'] } as never)).toBe(20);
  }, 120_000);

  it('a refusal says in its details what was wrong and where', async () => {
    const failure = await admin
      .call(TENANTS, 'CreateTenant', { idempotency_key: 'bad', name: '', kind: 'TENANT_KIND_COMMUNE' })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 3 });
    const details = (failure as { metadata: { get(key: string): Buffer[] } }).metadata.get('grpc-status-details-bin');
    expect(details[0]?.toString('latin1')).toContain('name');
  });

  function partner(key: string): ReflectionPartner {
    const made = new ReflectionPartner(stack.address, key);
    open.push(made);
    return made;
  }

  async function person(tenantId: string, name: string, roles: readonly string[]): Promise<ReflectionPartner> {
    const { principal } = (await admin.call(TENANTS, 'CreatePrincipal', {
      idempotency_key: `${name}-principal`,
      tenant_id: tenantId,
      kind: 'PRINCIPAL_KIND_AGENT',
      display_name: name,
      roles,
    })) as { principal: { principal_id: string } };
    const issued = await admin.call(TENANTS, 'IssueKey', {
      idempotency_key: `${name}-key`,
      tenant_id: tenantId,
      principal_id: principal.principal_id,
      label: name,
    });
    return partner(issued['secret'] as string);
  }
});
