import { notFound, TocsinError } from '@tocsin/errors';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';

/** The tenant a request is about: '' means the caller's own; another tenant's id answers as a thing that does not exist. */
export function tenantOf(caller: Caller, requested: string): string {
  const tenantId = requested || caller.tenantId;
  if (tenantId === '') throw new TocsinError('INVALID_ARGUMENT', 'TENANT_MISSING', 'The request must name a tenant.');
  if (caller.tenantId !== '' && tenantId !== caller.tenantId) throw notFound('Campaign');
  return tenantId;
}
