import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import type { GrpcDeps } from '@tocsin/grpc';
import { Partner } from '../../../stack/dist/job/partner.js';
import { tenantWithAgent } from '../../../stack/dist/job/tenant-with-agent.js';
import { importGenerated } from '../../../stack/dist/job/upload-register.js';
import { registerCsv } from './register-csv.js';

/** 150,000 rows take about half a minute on two quiet cores, a million some minutes. */
const IMPORT_DEADLINE_MS = 900_000;

export interface WantedTenant {
  readonly name: string;
  /** Contacts of its general register, each with a mobile. */
  readonly contacts: number;
  /** Its part of a lane; 1 where nothing is said. */
  readonly weight?: number;
  /** Quotas and the like; none where nothing is said. */
  readonly limits?: TenantLimits;
}

/** A tenant with its register and its one agent. Sockets are shared: a thousand of these use one connection. */
export interface WorldTenant {
  readonly tenantId: string;
  readonly name: string;
  readonly contacts: number;
  readonly weight: number;
  readonly agent: Partner;
  /** What its agent opens the API with. */
  readonly key: string;
}

export interface TenantDeps {
  readonly admin: Partner;
  readonly address: string;
  readonly grpc: GrpcDeps;
  /** Number of the tenant's first mobile (see registerCsv). */
  readonly firstNumber: number;
}

/** Creates the tenant, its agent and a key, and imports its register. */
export async function createTenant(wanted: WantedTenant, deps: TenantDeps): Promise<WorldTenant> {
  const { name, contacts, weight = 1, limits } = wanted;
  const { tenantId, key } = await tenantWithAgent(deps.admin, { name, weight, ...(limits ? { limits } : {}), label: 'bench' });
  const tenant = { tenantId, name, contacts, weight, agent: new Partner(deps.address, key, deps.grpc), key };
  if (contacts > 0) await importContacts(tenant, deps.firstNumber, contacts);
  return tenant;
}

/** Imports so many more contacts, the first with this number; throws unless each became a contact. */
export function importContacts({ agent, tenantId }: WorldTenant, firstNumber: number, contacts: number): Promise<void> {
  const upload = { tenantId, fileName: 'bench.csv', pieces: registerCsv(firstNumber, contacts) };
  return importGenerated(agent, upload, contacts, IMPORT_DEADLINE_MS);
}
