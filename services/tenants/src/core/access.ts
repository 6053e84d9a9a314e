import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { notFound, TocsinError } from '@tocsin/errors';

/** The platform's own principals and the services themselves belong to no tenant. */
export function isPlatform(caller: Caller): boolean {
  return caller.tenantId === '';
}

/**
 * The tenant a request is about: '' in the request means the caller's own, a platform caller may name any. Another tenant's id answers as one
 * that does not exist.
 */
export function tenantOf(caller: Caller, requested: string): string {
  if (isPlatform(caller) || requested === '' || requested === caller.tenantId) return requested || caller.tenantId;
  throw notFound('Tenant');
}

/** Throws TocsinError PERMISSION_DENIED. */
export function requirePlatform(caller: Caller, what: string): void {
  if (!isPlatform(caller)) throw new TocsinError('PERMISSION_DENIED', 'PLATFORM_ONLY', `Only the platform's administrators may ${what}.`);
}
