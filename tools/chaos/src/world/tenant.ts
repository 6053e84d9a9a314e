import { randomUUID } from 'node:crypto';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportHeader, ImportRegisterRequest, ImportState } from '@tocsin/contracts/subscribers/v1/registers_service';
import { PrincipalKind, Role, TenantKind } from '@tocsin/contracts/tenants/v1/tenant';
import { CreatePrincipalRequest, CreateTenantRequest, IssueKeyRequest } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { GrpcDeps } from '@tocsin/grpc';
import { CALL_DEADLINE_MS, Partner } from '../../../stack/dist/job/partner.js';
import type { PlannedTenant } from '../plan/plan-campaigns.js';
import { registerCsv, type NumberRange } from './register.js';

const IMPORT_DEADLINE_MS = 600_000;
/** More than any register holds: one agent alone may release, so a tenant needs one key only. */
const APPROVAL_THRESHOLD = 10_000_000;
const ROLES = [Role.REGISTRAR, Role.AUTHOR, Role.READER];

export interface ChaosTenant {
  readonly tenantId: string;
  readonly name: string;
  readonly numbers: NumberRange;
  readonly agent: Partner;
}

/** Creates a tenant with one agent and imports its register; throws unless each row became a contact. */
export async function createTenant(
  planned: PlannedTenant,
  first: number,
  deps: { readonly admin: Partner; readonly address: string; readonly grpc: GrpcDeps },
): Promise<ChaosTenant> {
  const { tenants } = deps.admin;
  const deadline = { deadlineMs: CALL_DEADLINE_MS };
  const created = await tenants.createTenant(
    CreateTenantRequest.fromPartial({
      idempotencyKey: randomUUID(),
      name: planned.name,
      // Not a commune by its kind: those have codes, of which there are not enough to invent.
      kind: TenantKind.INTERCOMMUNALITY,
      weight: 1,
      approvalThreshold: APPROVAL_THRESHOLD,
      smsSender: 'MAIRIE',
      mailFrom: 'alerte@commune.invalid',
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
    IssueKeyRequest.fromPartial({ idempotencyKey: randomUUID(), tenantId, principalId, label: 'chaos' }),
    deadline,
  );
  const tenant: ChaosTenant = {
    tenantId,
    name: planned.name,
    numbers: { first, count: planned.contacts },
    agent: new Partner(deps.address, issued.secret, deps.grpc),
  };
  await importNumbers(tenant);
  return tenant;
}

async function importNumbers({ agent, tenantId, name, numbers }: ChaosTenant): Promise<void> {
  let last;
  for await (const answer of agent.registers.importRegister(parts(tenantId, numbers), { deadlineMs: IMPORT_DEADLINE_MS })) {
    last = answer.import ?? last;
  }
  if (last?.state === ImportState.FINISHED && Number(last.created) === numbers.count) return;
  throw new Error(`The import of ${name} made ${last?.created ?? 0} of ${numbers.count} contacts: the intent would not be known.`);
}

async function* parts(tenantId: string, numbers: NumberRange): AsyncGenerator<ImportRegisterRequest> {
  const header = ImportHeader.fromPartial({
    idempotencyKey: randomUUID(),
    tenantId,
    register: RegisterKind.GENERAL,
    fileName: 'chaos.csv',
    purpose: 'alert',
  });
  yield ImportRegisterRequest.fromPartial({ part: { $case: 'header', value: header } });
  for (const piece of registerCsv(numbers)) {
    yield ImportRegisterRequest.fromPartial({ part: { $case: 'chunk', value: Buffer.from(piece) } });
  }
}
