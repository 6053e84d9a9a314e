import { describe, expect, it } from 'vitest';
import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { requirePageSize, requireRole, tenantOf } from './admission.js';
import { policyOf } from './policy.js';

function caller(change: Partial<Caller>): Caller {
  return Caller.fromPartial({
    principalId: 'prn_1',
    tenantId: 'ten_A',
    kind: PrincipalKind.AGENT,
    roles: [Role.AUTHOR],
    keyId: 'key_1',
    ...change,
  });
}

function reasonOf(run: () => unknown): string {
  try {
    run();
    return 'allowed';
  } catch (error) {
    return error instanceof TocsinError ? error.reason : 'defect';
  }
}

const CAMPAIGNS = 'tocsin.campaigns.v1.CampaignsService';

describe('who may call what', () => {
  it.each([
    ['an author drafts', `${CAMPAIGNS}/CreateCampaign`, {}, 'allowed'],
    ['an author does not approve', `${CAMPAIGNS}/ApproveCampaign`, {}, 'ROLE_MISSING'],
    ['an approver approves', `${CAMPAIGNS}/ApproveCampaign`, { roles: [Role.APPROVER] }, 'allowed'],
    ['a machine never approves', `${CAMPAIGNS}/ApproveCampaign`, { roles: [Role.APPROVER], kind: PrincipalKind.MACHINE }, 'AGENT_REQUIRED'],
    ['a machine may draft', `${CAMPAIGNS}/CreateCampaign`, { kind: PrincipalKind.MACHINE }, 'allowed'],
    ['a reader reads', `${CAMPAIGNS}/WatchCampaign`, { roles: [Role.READER] }, 'allowed'],
    ['a reader does not stop', `${CAMPAIGNS}/StopCampaign`, { roles: [Role.READER] }, 'ROLE_MISSING'],
    ['nobody without a role', `${CAMPAIGNS}/GetCampaign`, { roles: [] }, 'ROLE_MISSING'],
    [
      'the platform makes tenants',
      'tocsin.tenants.v1.TenantsService/CreateTenant',
      { roles: [Role.PLATFORM_ADMIN], tenantId: '' },
      'allowed',
    ],
    [
      'the platform reads no contact',
      'tocsin.subscribers.v1.RegistersService/GetContact',
      { roles: [Role.PLATFORM_ADMIN], tenantId: '' },
      'ROLE_MISSING',
    ],
    [
      'a platform role held inside a tenant is worth nothing',
      'tocsin.tenants.v1.TenantsService/CreateTenant',
      { roles: [Role.PLATFORM_ADMIN] },
      'ROLE_MISSING',
    ],
    ['a tenant role held by the platform is worth nothing', `${CAMPAIGNS}/CreateCampaign`, { tenantId: '' }, 'ROLE_MISSING'],
  ] as const)('%s', (_label, rpc, change, expected) => {
    expect(reasonOf(() => requireRole(policyOf(rpc), caller(change as Partial<Caller>)))).toBe(expected);
  });
});

const ROW = policyOf(`${CAMPAIGNS}/GetCampaign`);

describe('whose data', () => {
  it('no tenant named means the caller’s own', () => {
    expect(tenantOf(ROW, caller({}), '')).toBe('ten_A');
    expect(tenantOf(ROW, caller({}), 'ten_A')).toBe('ten_A');
  });

  it('another tenant answers as one that does not exist', () => {
    const shapes = ['ten_B', 'ten_NOBODY'].map((named) => {
      try {
        tenantOf(ROW, caller({}), named);
        return undefined;
      } catch (error) {
        const { code, reason, message } = error as TocsinError;
        return { code, reason, message };
      }
    });
    expect(shapes[0]).toEqual({ code: 'NOT_FOUND', reason: 'NOT_FOUND', message: 'Campaign not found.' });
    expect(shapes[1]).toEqual(shapes[0]);
  });

  it('the platform’s people name any tenant, a tenant’s own administrators do not', () => {
    expect(tenantOf(ROW, caller({ tenantId: '', roles: [Role.PLATFORM_ADMIN] }), 'ten_B')).toBe('ten_B');
    expect(reasonOf(() => tenantOf(ROW, caller({ roles: [Role.TENANT_ADMIN, Role.PLATFORM_ADMIN] }), 'ten_B'))).toBe('NOT_FOUND');
  });
});

describe('page sizes', () => {
  it.each([
    ['the largest page', `${CAMPAIGNS}/ListCampaigns`, 500, 'allowed'],
    ['one above it', `${CAMPAIGNS}/ListCampaigns`, 501, 'PAGE_TOO_LARGE'],
    ['reports have larger pages', 'tocsin.deliveries.v1.ReportsService/ListRecipients', 1000, 'allowed'],
    ['0 is the default', `${CAMPAIGNS}/ListCampaigns`, 0, 'allowed'],
  ])('%s', (_label, rpc, pageSize, expected) => {
    expect(reasonOf(() => requirePageSize(policyOf(rpc), { pageSize }))).toBe(expected);
  });
});
