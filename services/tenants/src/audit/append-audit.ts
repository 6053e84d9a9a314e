import type { AppendAuditRequest, AppendAuditResponse, Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { invalidArgument, isLine, Violations } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import type { AuditTrail } from './audit-trail.js';
import { auditScope } from './list-audit.js';

/** Characters of an entry's parts at most. */
const MAX_ID = 64;
const MAX_ACTION = 160;
const MAX_DETAIL = 1_000;

export async function appendAudit(trail: AuditTrail, caller: Caller, request: AppendAuditRequest): Promise<AppendAuditResponse> {
  const { entry } = request;
  if (!entry) throw invalidArgument([{ field: 'entry', description: 'is required' }]);
  const violations = new Violations();
  violations.check(
    'entry.entry_id',
    isLine(entry.entryId, MAX_ID) && !entry.entryId.includes(':'),
    `must be 1 to ${MAX_ID} characters without ":"`,
  );
  violations.check('entry.action', isLine(entry.action, MAX_ACTION), `must be 1 to ${MAX_ACTION} characters on one line`);
  violations.check('entry.outcome', isLine(entry.outcome, MAX_ID), `must be 1 to ${MAX_ID} characters on one line`);
  violations.check('entry.subject_id', entry.subjectId.length <= MAX_ACTION, `must be at most ${MAX_ACTION} characters`);
  violations.check('entry.detail', entry.detail.length <= MAX_DETAIL, `must be at most ${MAX_DETAIL} characters`);
  violations.check('entry.occurred_at', entry.occurredAt > 0, 'must be Unix milliseconds');
  violations.raise();
  const tenantId = tenantOf(caller, entry.tenantId);
  await trail.append(auditScope(tenantId), { ...entry, tenantId });
  return { entryId: entry.entryId };
}
