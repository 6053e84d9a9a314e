import { randomUUID } from 'node:crypto';
import { CreatePrincipalRequest, CreateTenantRequest, IssueKeyRequest } from '@tocsin/contracts/tenants/v1/tenants_service';
import { PrincipalKind, Role, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';
import type { KnownTenant, PartnerState } from './partner-state.js';
import { sideBySide } from './side-by-side.js';

/** Enough to hide the round trips, little enough to leave the machine to the services. */
const SIDE_BY_SIDE = 4;

export interface WantedTenant {
  readonly key: string;
  /** INSEE code of a commune; '' for what is none. */
  readonly insee: string;
  readonly name: string;
  readonly tenantKind?: TenantKind;
}

const AUTHOR_ROLES = [Role.REGISTRAR, Role.AUTHOR, Role.READER];
const APPROVER_ROLES = [Role.APPROVER, Role.READER];

/** Every municipality with its two agents, one who writes and one who approves; those known from an earlier run are left as they are. */
export async function setUpTenants(admin: Partner, wanted: readonly WantedTenant[], state: PartnerState): Promise<void> {
  const missing = wanted.filter(({ key }) => state.tenant(key) === undefined);
  await sideBySide(missing, SIDE_BY_SIDE, async (tenant) => state.rememberTenant(tenant.key, await setUp(admin, tenant)));
}

async function setUp(admin: Partner, { key, insee, name, tenantKind = TenantKind.COMMUNE }: WantedTenant): Promise<KnownTenant> {
  const created = await admin.tenants.createTenant(
    CreateTenantRequest.fromPartial({
      idempotencyKey: `demo-tenant-${key}`,
      name,
      kind: tenantKind,
      inseeCode: insee,
      weight: 1,
      // Every campaign of the demonstration needs its second person.
      approvalThreshold: 0,
      smsSender: 'MAIRIE',
      mailFrom: `alerte@commune-${key.toLowerCase()}.invalid`,
    }),
    { deadlineMs: CALL_DEADLINE_MS },
  );
  const tenantId = created.tenant?.tenantId ?? '';
  const authorKey = await keyFor(admin, tenantId, key, 'author', AUTHOR_ROLES);
  const approverKey = await keyFor(admin, tenantId, key, 'approver', APPROVER_ROLES);
  return { tenantId, authorKey, approverKey, importedHash: '' };
}

async function keyFor(admin: Partner, tenantId: string, key: string, part: string, roles: Role[]): Promise<string> {
  const made = await admin.tenants.createPrincipal(
    CreatePrincipalRequest.fromPartial({
      idempotencyKey: `demo-${part}-${key}`,
      tenantId,
      kind: PrincipalKind.AGENT,
      displayName: part === 'author' ? 'Agent de permanence' : 'Directrice de cabinet',
      roles,
    }),
    { deadlineMs: CALL_DEADLINE_MS },
  );
  const issued = await admin.tenants.issueKey(
    // A key whose answer was lost cannot be shown again: each run that needs one asks for a new one.
    IssueKeyRequest.fromPartial({
      idempotencyKey: `demo-key-${randomUUID()}`,
      tenantId,
      principalId: made.principal?.principalId ?? '',
      label: `demo ${part}`,
    }),
    { deadlineMs: CALL_DEADLINE_MS },
  );
  return issued.secret;
}
