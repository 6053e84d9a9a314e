import { ControlKind, ControlTarget } from '@tocsin/contracts/tenants/v1/operations_service';
import type { Caller, UpdateTenantRequest, UpdateTenantResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { notFound, TocsinError, Violations } from '@tocsin/errors';
import { requirePlatform, tenantOf } from '../core/access.js';
import { checkTenantFields } from '../core/tenant-rules.js';
import type { ServiceParts } from '../service-parts.js';
import { standTenant } from './stand-tenant.js';
import { tenantAt, tenantChanged } from './tenant-events.js';

/** What the list of controls says where a suspension came without a reason of its own. */
const BY_UPDATE = 'by an update of the tenant';

export async function updateTenant(parts: ServiceParts, caller: Caller, request: UpdateTenantRequest): Promise<UpdateTenantResponse> {
  const { stores, now } = parts;
  const { tenantId: requested, version: expected, ...fields } = request;
  const tenantId = tenantOf(caller, requested);
  // Its part of a lane, its limits and its standing are not a tenant's to choose.
  const { weight, limits, suspended } = fields;
  if (weight !== undefined || limits !== undefined || suspended !== undefined) {
    requirePlatform(caller, "change a tenant's weight or limits, or suspend it");
  }
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const violations = new Violations();
  checkTenantFields(violations, fields);
  violations.check('version', expected > 0, 'must be the version last read');
  violations.check('tenant_id', Object.keys(given).length > 0, 'nothing is to be changed: give at least one field');
  violations.raise();

  const stored = await stores.tenants.update(tenantId, (state, version) => {
    if (version !== expected) throw stale(expected, version);
    const next = { ...state, tenant: { ...state.tenant, ...given } };
    return { state: next, events: [tenantChanged(next, version + 1, now())] };
  });
  if (!stored) throw notFound('Tenant');
  if (suspended !== undefined) {
    const target = ControlTarget.fromPartial({ kind: ControlKind.SUSPEND_TENANT, tenantId });
    await standTenant(parts, tenantId, suspended, { target, reason: BY_UPDATE, principalId: caller.principalId, now: now() });
  }
  return { tenant: tenantAt(stored.state, stored.version) };
}

function stale(expected: number, version: number): TocsinError {
  const message = `The tenant was changed meanwhile: version ${version}, not ${expected}; read it again.`;
  return new TocsinError('ABORTED', 'VERSION_CHANGED', message, { metadata: { version: String(version) } });
}
