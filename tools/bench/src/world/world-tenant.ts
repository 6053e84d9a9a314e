import { randomUUID } from 'node:crypto';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportHeader, ImportRegisterRequest, ImportState } from '@tocsin/contracts/subscribers/v1/registers_service';
import type { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import type { GrpcDeps } from '@tocsin/grpc';
import { Partner } from '../../../stack/dist/job/partner.js';
import { tenantWithAgent } from '../../../stack/dist/job/tenant-with-agent.js';
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
export async function importContacts({ agent, tenantId, name }: WorldTenant, firstNumber: number, contacts: number): Promise<void> {
  let last;
  for await (const answer of agent.registers.importRegister(importParts(tenantId, firstNumber, contacts), {
    deadlineMs: IMPORT_DEADLINE_MS,
  })) {
    last = answer.import ?? last;
  }
  if (last?.state === ImportState.FINISHED && Number(last.created) === contacts) return;
  const sentence = `The import of ${name} made ${last?.created ?? 0} of ${contacts} contacts: its figures would mean nothing.`;
  throw new TocsinError('FAILED_PRECONDITION', 'IMPORT_INCOMPLETE', sentence);
}

/** The calls of an import of so many generated contacts; `version` goes into every first name, so that a second import writes each contact again. */
export async function* importParts(
  tenantId: string,
  firstNumber: number,
  contacts: number,
  version?: string,
): AsyncGenerator<ImportRegisterRequest> {
  const header = ImportHeader.fromPartial({
    idempotencyKey: `bench-import-${randomUUID()}`,
    tenantId,
    register: RegisterKind.GENERAL,
    fileName: 'bench.csv',
    purpose: 'alert',
  });
  yield ImportRegisterRequest.fromPartial({ part: { $case: 'header', value: header } });
  for (const piece of registerCsv(firstNumber, contacts)) {
    const text = version === undefined ? piece : piece.replaceAll('Prenom;', `Prenom ${version};`);
    yield ImportRegisterRequest.fromPartial({ part: { $case: 'chunk', value: Buffer.from(text) } });
  }
}
