import { derivedId } from '@tocsin/contracts';
import type { Principal } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller, CreatePrincipalRequest, CreatePrincipalResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { checkIdempotencyKey, notFound, TocsinError, Violations } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import { bodyHash } from '../core/body-hash.js';
import { checkPrincipal } from '../core/principal-rules.js';
import type { ServiceParts } from '../service-parts.js';
import { sameBody } from '../stores/claim.js';
import { listOf } from '../stores/stores.js';

/** Of the tenant named, or of the platform when a platform caller names none. */
export async function createPrincipal(
  { stores, now }: ServiceParts,
  caller: Caller,
  request: CreatePrincipalRequest,
): Promise<CreatePrincipalResponse> {
  const { idempotencyKey, ...rest } = request;
  const body = { ...rest, tenantId: tenantOf(caller, rest.tenantId), roles: rest.roles.toSorted((a, b) => a - b) };
  const violations = new Violations();
  checkIdempotencyKey(violations, idempotencyKey);
  checkPrincipal(violations, body);
  violations.raise();
  if (body.tenantId !== '' && !(await stores.tenants.get(body.tenantId))) throw notFound('Tenant');

  const principalId = derivedId('prn', body.tenantId, idempotencyKey);
  const hash = bodyHash(body);
  const existing = await stores.principals.get(principalId);
  if (existing) return { principal: sameBody(existing, hash).principal };

  await stores.lists.append(listOf(body.tenantId, 'principals'), principalId);
  const principal: Principal = { principalId, ...body, disabled: false, createdAt: now() };
  if (await stores.principals.insert({ _id: principalId, v: 1, principal, bodyHash: hash })) return { principal };
  const stored = await stores.principals.get(principalId);
  if (!stored) throw new TocsinError('UNAVAILABLE', 'STORE_UNSETTLED', 'The principal cannot be read yet; call again.');
  return { principal: sameBody(stored, hash).principal };
}
