import { ControlKind, type SetControlRequest, type SetControlResponse } from '@tocsin/contracts/tenants/v1/operations_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { requirePlatform } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';
import { standTenant } from '../tenants/stand-tenant.js';
import { checkControl } from './control-rules.js';
import { requireKnownTarget } from './known-target.js';

/** In force on every site as soon as its record is read there; repeating it renews reason, rate and end. */
export async function setControlRpc(parts: ServiceParts, caller: Caller, request: SetControlRequest): Promise<SetControlResponse> {
  requirePlatform(caller, 'hold or slow what is sent');
  const now = parts.now();
  const target = checkControl(request, now);
  requireKnownTarget(parts.manifests, target);
  const { ratePerSecond, reason, until } = request;
  const deciding = { target, reason, principalId: caller.principalId, now, ratePerSecond, until };
  if (target.kind !== ControlKind.SUSPEND_TENANT) return { control: await parts.controls.set(deciding) };
  return { control: await standTenant(parts, target.tenantId, true, deciding) };
}
