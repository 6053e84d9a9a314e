import type { Caller, DisablePrincipalRequest, DisablePrincipalResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';
import { changeDocument } from '../stores/change-document.js';
import { findPrincipal } from './find-principal.js';

/** For good; its keys are refused from then on. Repeating it changes nothing. */
export async function disablePrincipal(
  { stores }: ServiceParts,
  caller: Caller,
  request: DisablePrincipalRequest,
): Promise<DisablePrincipalResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  if (request.principalId === caller.principalId) {
    throw new TocsinError('FAILED_PRECONDITION', 'OWN_PRINCIPAL', 'Nobody may disable themselves: another administrator does.');
  }
  const { principal } = await changeDocument(
    stores.principals,
    () => findPrincipal(stores, tenantId, request.principalId),
    (stored) => (stored.principal.disabled ? null : { ...stored, principal: { ...stored.principal, disabled: true } }),
  );
  return { principal };
}
