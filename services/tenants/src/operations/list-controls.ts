import type { ListControlsResponse } from '@tocsin/contracts/tenants/v1/operations_service';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { requirePlatform } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';

/** What is in force, oldest first: who did it, why, and until when. */
export async function listControls({ controls, now }: ServiceParts, caller: Caller): Promise<ListControlsResponse> {
  requirePlatform(caller, 'see what is held');
  return { controls: [...(await controls.inForce(now()))] };
}
