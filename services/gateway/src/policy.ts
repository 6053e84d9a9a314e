import { Role } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import { publicRpcs } from './public-services.js';

/** Who may call an RPC and how it is carried. */
export interface PolicyRow {
  /** One of these is needed. */
  readonly roles: readonly Role[];
  /** 'agents': a person only, whatever roles a machine has. */
  readonly who: 'anyone' | 'agents';
  /** Where the request names its tenant; 'none': the RPC is about the platform. */
  readonly tenant: 'request' | 'header' | 'none';
  /** What the owner calls the thing asked for when it does not exist; another tenant's answers in the same words. */
  readonly what: 'Tenant' | 'Campaign' | 'Register' | 'Import' | 'Contact';
  /** 'after': an entry once it is answered or refused; 'before-answer': the answer holds personal data and leaves only once its entry is written. */
  readonly audit: 'never' | 'after' | 'before-answer';
  /** Where the entry finds what the call was about, first in the answer, then in the request. */
  readonly subject: string;
  /** Where the request says why it is done, in a person's own words, '' = it does not. */
  readonly detail: string;
  /** Milliseconds for the whole call, streams included. */
  readonly deadlineMs: number;
  /** Most entries a page of the answer may be asked to hold; 0 = the RPC has no pages. */
  readonly pageSize: number;
  /** Units of its tenant's rate, 1 = a point read. */
  readonly cost: number;
  /** Calls of it that one tenant may have running at once; 0 = as many as of any. */
  readonly atOnce: number;
  /** Whether it is a step on the way of an alert, which a life-safety campaign may take from its tenant's reserve. */
  readonly alertStep: boolean;
  /** What it sets going, and so what must wait while copies of records are missing: hand-overs of a campaign, or work in bulk that can always wait. */
  readonly begins: 'nothing' | 'hand-overs' | 'bulk';
}

/** A person waits for it. */
const CALL_MS = 10_000;
/** Counts an audience of 150,000 contacts. */
const PREVIEW_MS = 60_000;
/** 2,000,000 rows at the speed of the register's writes. */
const IMPORT_MS = 2 * 60 * 60 * 1000;
/** A city's campaign lasts hours; a client resumes from its cursor. */
const WATCH_MS = 12 * 60 * 60 * 1000;
const PAGE = 500;
const RECIPIENTS_PAGE = 1_000;
/** An audience is walked page by page, an import read row by row: some ten point reads even for a village. */
const WALK_COST = 10;
/** A page of a list reads up to 500 documents, one of a report up to 40 slices. */
const PAGE_COST = 5;
/** Walks of one tenant at once: each holds pages of its register in memory. */
const WALKS_AT_ONCE = 4;

const PLATFORM = [Role.PLATFORM_ADMIN];
const ADMINS = [Role.PLATFORM_ADMIN, Role.TENANT_ADMIN];
const EVERYONE = [Role.PLATFORM_ADMIN, Role.TENANT_ADMIN, Role.REGISTRAR, Role.AUTHOR, Role.APPROVER, Role.READER];
const REGISTRARS = [Role.REGISTRAR];
const REGISTER_READERS = [Role.REGISTRAR, Role.AUTHOR, Role.APPROVER, Role.READER];
const AUTHORS = [Role.AUTHOR];
const APPROVERS = [Role.APPROVER];
const CAMPAIGN_PEOPLE = [Role.AUTHOR, Role.APPROVER];
const CAMPAIGN_READERS = [Role.AUTHOR, Role.APPROVER, Role.READER];

const TENANTS = 'tocsin.tenants.v1.TenantsService';
const OPERATIONS = 'tocsin.tenants.v1.OperationsService';
const REGISTERS = 'tocsin.subscribers.v1.RegistersService';
const CAMPAIGNS = 'tocsin.campaigns.v1.CampaignsService';
const REPORTS = 'tocsin.deliveries.v1.ReportsService';

/** Who may do what, one row for every public RPC: there is no other place that says so. */
export const POLICY: Readonly<Record<string, PolicyRow>> = {
  [`${TENANTS}/CreateTenant`]: row(PLATFORM, { tenant: 'none', audit: 'after', subject: 'tenant.tenantId' }),
  [`${TENANTS}/GetTenant`]: row(EVERYONE),
  [`${TENANTS}/ListTenants`]: row(PLATFORM, { tenant: 'none', pageSize: PAGE, cost: PAGE_COST }),
  [`${TENANTS}/UpdateTenant`]: row(PLATFORM, { audit: 'after', subject: 'tenantId' }),
  // A machine that could make people, or their keys, would approve through them.
  [`${TENANTS}/CreatePrincipal`]: row(ADMINS, { who: 'agents', audit: 'after', subject: 'principal.principalId' }),
  [`${TENANTS}/ListPrincipals`]: row(ADMINS, { pageSize: PAGE, cost: PAGE_COST }),
  [`${TENANTS}/DisablePrincipal`]: row(ADMINS, { audit: 'after', subject: 'principalId' }),
  [`${TENANTS}/IssueKey`]: row(ADMINS, { who: 'agents', audit: 'after', subject: 'key.keyId' }),
  [`${TENANTS}/ListKeys`]: row(ADMINS, { pageSize: PAGE, cost: PAGE_COST }),
  [`${TENANTS}/RevokeKey`]: row(ADMINS, { audit: 'after', subject: 'keyId' }),
  [`${TENANTS}/ListAudit`]: row(ADMINS, { pageSize: PAGE, cost: PAGE_COST }),

  // A person answers for what is held; a program that pauses by itself would be one more thing to watch.
  [`${OPERATIONS}/SetControl`]: row(PLATFORM, { tenant: 'none', who: 'agents', audit: 'after', subject: 'control.key', detail: 'reason' }),
  [`${OPERATIONS}/LiftControl`]: row(PLATFORM, { tenant: 'none', who: 'agents', audit: 'after', subject: 'control.key', detail: 'reason' }),
  [`${OPERATIONS}/ListControls`]: row(PLATFORM, { tenant: 'none' }),

  [`${REGISTERS}/ImportRegister`]: row(REGISTRARS, {
    tenant: 'header',
    audit: 'after',
    subject: 'import.importId',
    deadlineMs: IMPORT_MS,
    cost: WALK_COST,
    atOnce: WALKS_AT_ONCE,
    begins: 'bulk',
  }),
  [`${REGISTERS}/GetImport`]: row(REGISTRARS, { what: 'Import' }),
  [`${REGISTERS}/ListVerdicts`]: row(REGISTRARS, { what: 'Import', pageSize: PAGE, cost: PAGE_COST }),
  [`${REGISTERS}/GetRegister`]: row(REGISTER_READERS, { what: 'Register' }),
  [`${REGISTERS}/GetContact`]: row(REGISTRARS, { what: 'Contact', audit: 'before-answer', subject: 'contactId' }),
  [`${REGISTERS}/EraseContact`]: row(REGISTRARS, { what: 'Contact', audit: 'after', subject: 'contactId' }),

  [`${CAMPAIGNS}/CreateCampaign`]: row(AUTHORS, { what: 'Campaign', audit: 'after', subject: 'campaign.campaignId', alertStep: true }),
  [`${CAMPAIGNS}/GetCampaign`]: row(CAMPAIGN_READERS, { what: 'Campaign' }),
  [`${CAMPAIGNS}/ListCampaigns`]: row(CAMPAIGN_READERS, { what: 'Campaign', pageSize: PAGE, cost: PAGE_COST }),
  [`${CAMPAIGNS}/UpdateCampaign`]: row(AUTHORS, { what: 'Campaign', audit: 'after', subject: 'campaignId', alertStep: true }),
  // Its samples are rendered for real people.
  [`${CAMPAIGNS}/PreviewCampaign`]: row(CAMPAIGN_PEOPLE, {
    what: 'Campaign',
    audit: 'before-answer',
    subject: 'campaignId',
    deadlineMs: PREVIEW_MS,
    cost: WALK_COST,
    atOnce: WALKS_AT_ONCE,
    alertStep: true,
  }),
  [`${CAMPAIGNS}/ApproveCampaign`]: row(APPROVERS, {
    what: 'Campaign',
    who: 'agents',
    audit: 'after',
    subject: 'campaignId',
    alertStep: true,
  }),
  // The broken glass itself is written down by its owner before anything leaves; here stands who tried, too.
  [`${CAMPAIGNS}/ReleaseCampaign`]: row(AUTHORS, {
    what: 'Campaign',
    audit: 'after',
    subject: 'campaignId',
    detail: 'breakGlassReason',
    alertStep: true,
    begins: 'hand-overs',
  }),
  [`${CAMPAIGNS}/PauseCampaign`]: row(CAMPAIGN_PEOPLE, { what: 'Campaign', audit: 'after', subject: 'campaignId', alertStep: true }),
  [`${CAMPAIGNS}/ResumeCampaign`]: row(CAMPAIGN_PEOPLE, {
    what: 'Campaign',
    audit: 'after',
    subject: 'campaignId',
    alertStep: true,
    begins: 'hand-overs',
  }),
  [`${CAMPAIGNS}/StopCampaign`]: row(CAMPAIGN_PEOPLE, {
    what: 'Campaign',
    audit: 'after',
    subject: 'campaignId',
    detail: 'reason',
    alertStep: true,
  }),
  [`${CAMPAIGNS}/WatchCampaign`]: row(CAMPAIGN_READERS, { what: 'Campaign', deadlineMs: WATCH_MS }),

  [`${REPORTS}/ListRecipients`]: row(CAMPAIGN_READERS, { what: 'Campaign', pageSize: RECIPIENTS_PAGE, cost: PAGE_COST }),
  [`${REPORTS}/GetTally`]: row(CAMPAIGN_READERS, { what: 'Campaign' }),
};

export function policyOf(rpc: string): PolicyRow {
  const found = Object.hasOwn(POLICY, rpc) ? POLICY[rpc] : undefined;
  if (found) return found;
  throw new TocsinError('INTERNAL', 'POLICY_MISSING', `The policy table has no row for ${rpc}.`);
}

/** Throws when a public RPC has no row, or a row no RPC: the gateway does not start with a hole in its table. */
export function requireCompletePolicy(rpcs: readonly string[] = publicRpcs()): void {
  const missing = rpcs.filter((rpc) => !Object.hasOwn(POLICY, rpc));
  const stale = Object.keys(POLICY).filter((rpc) => !rpcs.includes(rpc));
  if (missing.length + stale.length === 0) return;
  throw new TocsinError(
    'INTERNAL',
    'POLICY_INCOMPLETE',
    `Policy table: no row for [${missing.join(', ')}], no RPC for [${stale.join(', ')}].`,
  );
}

function row(roles: readonly Role[], change: Partial<Omit<PolicyRow, 'roles'>> = {}): PolicyRow {
  return {
    roles,
    who: 'anyone',
    tenant: 'request',
    what: 'Tenant',
    audit: 'never',
    subject: '',
    detail: '',
    deadlineMs: CALL_MS,
    pageSize: 0,
    cost: 1,
    atOnce: 0,
    alertStep: false,
    begins: 'nothing',
    ...change,
  };
}
