import type { Caller, ListAuditRequest, ListAuditResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { invalidArgument } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import { pageSize } from '../core/paging.js';
import type { AuditTrail } from './audit-trail.js';

/** The platform's own acts have a trail too. */
export function auditScope(tenantId: string): string {
  return tenantId || 'platform';
}

/** Newest first. */
export async function listAudit(trail: AuditTrail, caller: Caller, request: ListAuditRequest): Promise<ListAuditResponse> {
  const scope = auditScope(tenantOf(caller, request.tenantId));
  if (!/^\d{0,12}$/.test(request.pageToken)) throw invalidArgument([{ field: 'page_token', description: 'is not one this list gave' }]);
  const page = await trail.page(scope, pageSize(request.pageSize), Number(request.pageToken));
  return { entries: page.entries, nextPageToken: page.nextBefore === 0 ? '' : String(page.nextBefore) };
}
