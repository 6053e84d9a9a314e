import type { OperatorControl } from '@tocsin/contracts/tenants/v1/operations_service';
import { notFound } from '@tocsin/errors';
import type { Deciding } from '../operations/decide-control.js';
import type { ServiceParts } from '../service-parts.js';
import { tenantChanged } from './tenant-events.js';

/**
 * Suspends a tenant or lets it go on: its campaigns are held by a control, its keys refused by its own document. Two records, each written as often as
 * the call is repeated: what is to stop sending stops first, and what may send again is heard last.
 */
export async function standTenant(
  { stores, controls }: Pick<ServiceParts, 'stores' | 'controls'>,
  tenantId: string,
  suspended: boolean,
  deciding: Deciding,
): Promise<OperatorControl> {
  if (!(await stores.tenants.get(tenantId))) throw notFound('Tenant');
  const held = suspended ? await controls.set({ ...deciding, ratePerSecond: 0, until: 0 }) : undefined;
  await stores.tenants.update(tenantId, (state, version) => {
    if (state.tenant.suspended === suspended) return null;
    const next = { ...state, tenant: { ...state.tenant, suspended } };
    return { state: next, events: [tenantChanged(next, version + 1, deciding.now)] };
  });
  return held ?? controls.lift(deciding);
}
