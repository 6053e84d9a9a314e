import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError, invalidArgument, notFound } from '@tocsin/errors';
import type { PolicyRow } from './policy.js';

/** Refuses a caller who may not call this RPC at all, whatever it asks. Pure; throws PERMISSION_DENIED. */
export function requireRole(row: PolicyRow, caller: Caller): void {
  if (row.who === 'agents' && caller.kind !== PrincipalKind.AGENT) {
    throw new TocsinError('PERMISSION_DENIED', 'AGENT_REQUIRED', 'Only a person may do this; a machine may not, whatever its roles.');
  }
  if (row.roles.some((role) => hasRole(caller, role))) return;
  const wanted = row.roles.map((role) => Role[role]).join(' or ');
  throw new TocsinError('PERMISSION_DENIED', 'ROLE_MISSING', `This key may not do this: it needs the role ${wanted}.`);
}

/**
 * The tenant a request is about: its own where it says none. Another tenant's id answers exactly as an id that does not exist, because whether
 * it exists is not looked up. The platform's own people name any tenant. Pure.
 */
export function tenantOf(row: Pick<PolicyRow, 'what'>, caller: Caller, named: string): string {
  if (named === '' || named === caller.tenantId) return caller.tenantId;
  if (hasRole(caller, Role.PLATFORM_ADMIN)) return named;
  throw notFound(row.what);
}

/** Refuses a page larger than the table allows. Pure. */
export function requirePageSize(row: PolicyRow, request: object): void {
  if (row.pageSize === 0 || !('pageSize' in request) || typeof request.pageSize !== 'number') return;
  if (request.pageSize <= row.pageSize) return;
  throw invalidArgument([{ field: 'page_size', description: `must be at most ${row.pageSize}` }], 'PAGE_TOO_LARGE');
}

/** PLATFORM_ADMIN counts only for principals of the platform itself: no tenant can grant it to its own. */
function hasRole(caller: Caller, role: Role): boolean {
  return caller.roles.includes(role) && (role === Role.PLATFORM_ADMIN) === (caller.tenantId === '');
}
