import type { GrpcDeps } from '@tocsin/grpc';
import { Partner } from '../../../stack/dist/job/partner.js';
import { tenantWithAgent } from '../../../stack/dist/job/tenant-with-agent.js';
import { importGenerated } from '../../../stack/dist/job/upload-register.js';
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
  const upload = { tenantId, fileName: 'chaos.csv', pieces: registerCsv(tenant.numbers) };
  await importGenerated(tenant.agent, upload, planned.contacts, IMPORT_DEADLINE_MS);
  return tenant;
}
