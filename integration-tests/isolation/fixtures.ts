import { ControlKind } from '@tocsin/contracts/tenants/v1/operations_service';
import { Role, PrincipalKind } from '@tocsin/contracts/tenants/v1/tenant';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';

/** Ids of things of one tenant, or ids of nothing. */
export interface Ids {
  readonly tenantId: string;
  readonly campaignId: string;
  readonly importId: string;
  readonly contactId: string;
  readonly principalId: string;
  readonly keyId: string;
}

export interface Fixture {
  /** The request that names these ids; `tenantId` '' = the caller's own. */
  request(ids: Ids): object;
  /**
   * 'not-found': another tenant's ids and ids of nothing answer alike. 'platform-only': refused before any id is looked at.
   */
  readonly expects: 'not-found' | 'platform-only';
  /** Names something below the tenant: tried with the caller's own tenant too. */
  readonly below?: boolean;
  /** Changes nothing: the owner itself must get an answer, or the test would prove nothing. */
  readonly reads?: boolean;
}

const content = {
  title: 'x',
  lane: 3,
  channels: ['sms'],
  audience: { register: RegisterKind.GENERAL, everyone: true },
  messages: [{ channel: 'sms', language: 'fr', subject: '', body: 'x' }],
  purpose: 'alert',
  type: 1,
  status: 3,
  mode: 1,
  expiresAt: 4_000_000_000_000,
  scheduledAt: 0,
};
const idempotencyKey = 'isolation';
const register = RegisterKind.GENERAL;

const TENANTS = 'tocsin.tenants.v1.TenantsService';
const OPERATIONS = 'tocsin.tenants.v1.OperationsService';
const REGISTERS = 'tocsin.subscribers.v1.RegistersService';
const CAMPAIGNS = 'tocsin.campaigns.v1.CampaignsService';
const REPORTS = 'tocsin.deliveries.v1.ReportsService';

const campaign = ({ tenantId, campaignId }: Ids): object => ({ tenantId, campaignId });
const below = { expects: 'not-found', below: true } as const;

/** One row for every public RPC; the test fails for one without. */
export const FIXTURES: Readonly<Record<string, Fixture>> = {
  [`${TENANTS}/CreateTenant`]: { expects: 'platform-only', request: () => ({ idempotencyKey, name: 'x', kind: 1, weight: 1 }) },
  [`${TENANTS}/ListTenants`]: { expects: 'platform-only', request: () => ({}) },
  [`${TENANTS}/UpdateTenant`]: { expects: 'platform-only', request: ({ tenantId }) => ({ tenantId, version: 1, weight: 100 }) },
  [`${TENANTS}/GetTenant`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId }) },
  [`${TENANTS}/CreatePrincipal`]: {
    expects: 'not-found',
    request: ({ tenantId }) => ({ idempotencyKey, tenantId, kind: PrincipalKind.AGENT, displayName: 'x', roles: [Role.READER] }),
  },
  [`${TENANTS}/ListPrincipals`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId }) },
  [`${TENANTS}/DisablePrincipal`]: { ...below, request: ({ tenantId, principalId }) => ({ tenantId, principalId }) },
  [`${TENANTS}/IssueKey`]: { ...below, request: ({ tenantId, principalId }) => ({ idempotencyKey, tenantId, principalId, label: 'x' }) },
  [`${TENANTS}/ListKeys`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId }) },
  [`${TENANTS}/RevokeKey`]: { ...below, request: ({ tenantId, keyId }) => ({ tenantId, keyId }) },
  [`${TENANTS}/ListAudit`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId }) },

  [`${OPERATIONS}/SetControl`]: {
    expects: 'platform-only',
    request: ({ campaignId }) => ({ target: { kind: ControlKind.PAUSE_CAMPAIGN, campaignId }, reason: 'as a test of isolation', until: 0 }),
  },
  [`${OPERATIONS}/LiftControl`]: {
    expects: 'platform-only',
    request: ({ campaignId }) => ({ target: { kind: ControlKind.PAUSE_CAMPAIGN, campaignId }, reason: 'as a test of isolation' }),
  },
  [`${OPERATIONS}/ListControls`]: { expects: 'platform-only', request: () => ({}) },

  [`${REGISTERS}/ImportRegister`]: {
    expects: 'not-found',
    request: ({ tenantId }) => ({
      part: { $case: 'header', value: { idempotencyKey, tenantId, register, fileName: 'x.csv', purpose: 'alert' } },
    }),
  },
  [`${REGISTERS}/GetImport`]: { ...below, reads: true, request: ({ tenantId, importId }) => ({ tenantId, importId }) },
  [`${REGISTERS}/ListVerdicts`]: { ...below, reads: true, request: ({ tenantId, importId }) => ({ tenantId, importId }) },
  [`${REGISTERS}/GetRegister`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId, register }) },
  [`${REGISTERS}/GetContact`]: { ...below, reads: true, request: ({ tenantId, contactId }) => ({ tenantId, register, contactId }) },
  [`${REGISTERS}/EraseContact`]: { ...below, request: ({ tenantId, contactId }) => ({ tenantId, register, contactId }) },

  [`${CAMPAIGNS}/CreateCampaign`]: { expects: 'not-found', request: ({ tenantId }) => ({ idempotencyKey, tenantId, content }) },
  [`${CAMPAIGNS}/GetCampaign`]: { ...below, reads: true, request: campaign },
  [`${CAMPAIGNS}/ListCampaigns`]: { expects: 'not-found', reads: true, request: ({ tenantId }) => ({ tenantId }) },
  [`${CAMPAIGNS}/UpdateCampaign`]: { ...below, request: (ids) => ({ ...campaign(ids), version: 1, content }) },
  [`${CAMPAIGNS}/PreviewCampaign`]: { ...below, request: campaign },
  [`${CAMPAIGNS}/ApproveCampaign`]: { ...below, request: (ids) => ({ ...campaign(ids), contentHash: 'x' }) },
  [`${CAMPAIGNS}/ReleaseCampaign`]: { ...below, request: (ids) => ({ ...campaign(ids), contentHash: 'x' }) },
  [`${CAMPAIGNS}/PauseCampaign`]: { ...below, request: campaign },
  [`${CAMPAIGNS}/ResumeCampaign`]: { ...below, request: campaign },
  [`${CAMPAIGNS}/StopCampaign`]: { ...below, request: (ids) => ({ ...campaign(ids), reason: 'x' }) },
  [`${CAMPAIGNS}/WatchCampaign`]: { ...below, reads: true, request: campaign },

  [`${REPORTS}/ListRecipients`]: { ...below, request: campaign },
  [`${REPORTS}/GetTally`]: { ...below, request: campaign },
};
