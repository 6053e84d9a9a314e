import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { CallContext } from '../call-context.js';
import { POLICY } from '../policy.js';
import type { AlertSteps } from './alert-steps.js';
import type { CallAdmission } from './call-admission.js';

export interface DoorkeeperParts {
  readonly calls: CallAdmission;
  readonly alerts: AlertSteps;
  /** Who has this key, from memory alone. */
  known(metadata: CallContext['metadata']): Caller | undefined;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Refuses a call that would find no place before anything is done for it. Who is not known yet, and the steps of alerts, are looked at where places are taken. */
export function doorkeeper(parts: DoorkeeperParts): (rpc: string, request: unknown, metadata: CallContext['metadata']) => void {
  return (rpc, request, metadata) => {
    const row = Object.hasOwn(POLICY, rpc) ? POLICY[rpc] : undefined;
    const caller = row && parts.known(metadata);
    if (!row || !caller) return;
    const { tenantId, keyId } = caller;
    const standing = parts.alerts.standing(row, request);
    parts.calls.refuse({ tenantId, keyId, rpc, cost: row.cost, atOnce: row.atOnce, standing }, parts.now());
  };
}
