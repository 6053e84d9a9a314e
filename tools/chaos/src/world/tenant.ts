import { randomUUID } from 'node:crypto';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportHeader, ImportRegisterRequest, ImportState } from '@tocsin/contracts/subscribers/v1/registers_service';
import type { GrpcDeps } from '@tocsin/grpc';
import { Partner } from '../../../stack/dist/job/partner.js';
import { tenantWithAgent } from '../../../stack/dist/job/tenant-with-agent.js';
import type { PlannedTenant } from '../plan/plan-campaigns.js';
import { registerCsv, type NumberRange } from './register.js';

const IMPORT_DEADLINE_MS = 600_000;

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
  const { tenantId, key } = await tenantWithAgent(deps.admin, { name: planned.name, mailFrom: 'alerte@commune.invalid', label: 'chaos' });
  const tenant: ChaosTenant = {
    tenantId,
    name: planned.name,
    numbers: { first, count: planned.contacts },
    agent: new Partner(deps.address, key, deps.grpc),
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
