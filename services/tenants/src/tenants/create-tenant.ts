import { derivedId } from '@tocsin/contracts';
import type { Caller, CreateTenantRequest, CreateTenantResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { checkIdempotencyKey, TocsinError, Violations } from '@tocsin/errors';
import { requirePlatform } from '../core/access.js';
import { bodyHash } from '../core/body-hash.js';
import { checkTenantFields, checkTenantIdentity } from '../core/tenant-rules.js';
import type { ServiceParts } from '../service-parts.js';
import { sameBody } from '../stores/claim.js';
import { TENANT_LIST } from '../stores/stores.js';
import { tenantAt, tenantChanged } from './tenant-events.js';

/** The tenant's id comes from the idempotency key: the insert of its document is the claim, and 64 calls at once make one. */
export async function createTenant(
  { stores, sealer, now }: ServiceParts,
  caller: Caller,
  request: CreateTenantRequest,
): Promise<CreateTenantResponse> {
  requirePlatform(caller, 'create a tenant');
  const { idempotencyKey, ...body } = request;
  const violations = new Violations();
  checkIdempotencyKey(violations, idempotencyKey);
  checkTenantIdentity(violations, body.name, body.kind, body.inseeCode);
  checkTenantFields(violations, body);
  violations.raise();

  const tenantId = derivedId('ten', 'platform', idempotencyKey);
  const hash = bodyHash({ ...body });
  const existing = await stores.tenants.get(tenantId);
  if (existing) return { tenant: tenantAt(sameBody(existing.state, hash), existing.version) };

  await stores.lists.append(TENANT_LIST, tenantId);
  const tenant = { tenantId, ...body, suspended: false, createdAt: now(), sealKey: sealer.createTenantKey() };
  const state = { tenant, bodyHash: hash };
  const created = await stores.tenants.create(tenantId, { state, events: [tenantChanged(state, 1, tenant.createdAt)] });
  const stored = created ?? (await stores.tenants.get(tenantId));
  if (!stored) throw new TocsinError('UNAVAILABLE', 'STORE_UNSETTLED', 'The tenant cannot be read yet; call again.');
  return { tenant: tenantAt(sameBody(stored.state, hash), stored.version) };
}
