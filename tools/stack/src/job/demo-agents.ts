import type { GrpcDeps } from '@tocsin/grpc';
import { Partner } from './partner.js';
import type { KnownTenant } from './partner-state.js';
import type { Agents } from './prepare-campaign.js';

/** The two agents of a municipality, each with a key of their own. */
export function openAgents(address: string, known: KnownTenant, deps: GrpcDeps): Agents {
  return {
    tenantId: known.tenantId,
    author: new Partner(address, known.authorKey, deps),
    approver: new Partner(address, known.approverKey, deps),
  };
}
