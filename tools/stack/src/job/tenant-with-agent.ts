import { randomUUID } from 'node:crypto';
import { PrincipalKind, Role, TenantKind, type TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { CreatePrincipalRequest, CreateTenantRequest, IssueKeyRequest } from '@tocsin/contracts/tenants/v1/tenants_service';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';

/** More than any register holds: one agent alone may release, so a tenant needs one key only. */
const APPROVAL_THRESHOLD = 10_000_000;
const ROLES = [Role.REGISTRAR, Role.AUTHOR, Role.READER];

export interface WantedTenant {
  readonly name: string;
  /** Its part of a lane; 1 where nothing is said. */
  readonly weight?: number;
  /** Quotas and the like; none where nothing is said. */
  readonly limits?: TenantLimits;
  /** Sender of its mails; none where nothing is said. */
  readonly mailFrom?: string;
  /** Of its agent's key. */
  readonly label: string;
}

/** A tenant with one agent, as tests and benchmarks need it; answers its id and the agent's key. */
export async function tenantWithAgent(
  { tenants }: Pick<Partner, 'tenants'>,
  { name, weight = 1, limits, mailFrom, label }: WantedTenant,
): Promise<{ readonly tenantId: string; readonly key: string }> {
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const created = await tenants.createTenant(
    CreateTenantRequest.fromPartial({
      idempotencyKey: randomUUID(),
      name,
      // Not a commune by its kind: those have codes, of which there are not enough to invent.
      kind: TenantKind.INTERCOMMUNALITY,
      weight,
      approvalThreshold: APPROVAL_THRESHOLD,
      smsSender: 'MAIRIE',
      ...(mailFrom === undefined ? {} : { mailFrom }),
      ...(limits ? { limits } : {}),
    }),
    deadline,
  );
  const tenantId = created.tenant?.tenantId ?? '';
  const made = await tenants.createPrincipal(
    CreatePrincipalRequest.fromPartial({
      idempotencyKey: randomUUID(),
      tenantId,
      kind: PrincipalKind.AGENT,
      displayName: 'Agent de permanence',
      roles: ROLES,
    }),
    deadline,
  );
  const principalId = made.principal?.principalId ?? '';
  const issued = await tenants.issueKey(
    IssueKeyRequest.fromPartial({ idempotencyKey: randomUUID(), tenantId, principalId, label }),
    deadline,
  );
  return { tenantId, key: issued.secret };
}
