import { ControlKind, type LiftControlRequest, type LiftControlResponse } from '@tocsin/contracts/tenants/v1/operations_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { requirePlatform } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';
import { standTenant } from '../tenants/stand-tenant.js';
import { checkLift } from './control-rules.js';

/** Lets go on what an operator held; a channel or route that is gone meanwhile can be let go, too. */
export async function liftControlRpc(parts: ServiceParts, caller: Caller, request: LiftControlRequest): Promise<LiftControlResponse> {
  requirePlatform(caller, 'let go on what is held');
  const target = checkLift(request.target, request.reason);
  const deciding = { target, reason: request.reason, principalId: caller.principalId, now: parts.now() };
  if (target.kind !== ControlKind.SUSPEND_TENANT) return { control: await parts.controls.lift(deciding) };
  return { control: await standTenant(parts, target.tenantId, false, deciding) };
}
