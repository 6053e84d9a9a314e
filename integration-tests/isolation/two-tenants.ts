import { randomUUID } from 'node:crypto';
import { RegisterKind, Lane, Status } from '@tocsin/contracts/common/v1/common';
import { CampaignType, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignsServiceDefinition } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { RegistersServiceDefinition } from '@tocsin/contracts/subscribers/v1/registers_service';
import { PrincipalKind, Role, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { openGrpcChannel, type GrpcChannel } from '@tocsin/grpc';
import { createObservability } from '@tocsin/observability';
import type { Ids } from './fixtures.js';

const deps = createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' });
export const CALL = { deadlineMs: 30_000 };
/** Every role a tenant can give: what is refused is refused for the tenant's sake. */
const TENANT_ROLES = [Role.TENANT_ADMIN, Role.REGISTRAR, Role.AUTHOR, Role.APPROVER, Role.READER];
/** Of the ranges and domains reserved for fiction. */
const REGISTER_FILE = 'Nom;Prénom;Portable;Courriel\nMartin;Zoé;06 39 98 00 01;zoe@example.net\nDurand;;pas un numéro;\n';

export interface Member {
  readonly channel: GrpcChannel;
  readonly ids: Ids;
}

export function channelFor(address: string, key: string): GrpcChannel {
  return openGrpcChannel({ addresses: [address], metadata: { authorization: `Bearer ${key}` } }, deps);
}

/** A tenant with one all-round person. */
export async function makeTenant(address: string, adminKey: string, name: string): Promise<Member> {
  const admin = channelFor(address, adminKey);
  const tenants = admin.client(TenantsServiceDefinition);
  const { tenant } = await tenants.createTenant(
    {
      idempotencyKey: randomUUID(),
      name,
      kind: TenantKind.COMMUNE,
      inseeCode: '45234',
      weight: 1,
      approvalThreshold: 1_000,
      smsSender: 'VILLE',
    },
    CALL,
  );
  const tenantId = tenant?.tenantId ?? '';
  const { principal } = await tenants.createPrincipal(
    { idempotencyKey: randomUUID(), tenantId, kind: PrincipalKind.AGENT, displayName: 'Zoé Martin', roles: TENANT_ROLES },
    CALL,
  );
  const principalId = principal?.principalId ?? '';
  const { key, secret } = await tenants.issueKey({ idempotencyKey: randomUUID(), tenantId, principalId, label: 'test' }, CALL);
  admin.close();
  const ids = { tenantId, principalId, keyId: key?.keyId ?? '', campaignId: '', importId: '', contactId: '' };
  return { channel: channelFor(address, secret), ids };
}

/** Gives the tenant a register of one person and a draft. */
export async function fillTenant(member: Member): Promise<Member> {
  async function* file() {
    const header = {
      idempotencyKey: randomUUID(),
      tenantId: '',
      register: RegisterKind.GENERAL,
      fileName: 'a.csv',
      purpose: 'alert',
      groups: [],
    };
    yield { part: { $case: 'header' as const, value: header } };
    yield { part: { $case: 'chunk' as const, value: Buffer.from(REGISTER_FILE) } };
  }
  let importId = '';
  for await (const answer of member.channel.client(RegistersServiceDefinition).importRegister(file(), CALL)) {
    importId = answer.import?.importId ?? importId;
  }
  const content = {
    title: 'Exercice',
    type: CampaignType.ALERT,
    status: Status.TEST,
    lane: Lane.STANDARD,
    audience: { register: RegisterKind.GENERAL, everyone: true },
    messages: [{ channel: 'sms', language: 'fr', subject: '', body: 'Exercice' }],
    channels: ['sms'],
    mode: Mode.PARALLEL,
    purpose: 'alert',
    expiresAt: Date.now() + 3_600_000,
  };
  const { campaign } = await member.channel
    .client(CampaignsServiceDefinition)
    .createCampaign({ idempotencyKey: randomUUID(), content }, CALL);
  return { ...member, ids: { ...member.ids, importId, campaignId: campaign?.campaignId ?? '', contactId: 'con_0_0' } };
}
