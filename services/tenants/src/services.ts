import { OperationsServiceDefinition } from '@tocsin/contracts/tenants/v1/operations_service';
import { DirectoryServiceDefinition, TenantsServiceDefinition } from '@tocsin/contracts/tenants/v1/tenants_service';
import { callerOf, serve, type ServedService } from '@tocsin/grpc';
import { appendAudit } from './audit/append-audit.js';
import type { AuditTrail } from './audit/audit-trail.js';
import { listAudit } from './audit/list-audit.js';
import { authenticate } from './keys/authenticate.js';
import { issueKey } from './keys/issue-key.js';
import { listKeys } from './keys/list-keys.js';
import { revokeKey } from './keys/revoke-key.js';
import { liftControlRpc } from './operations/lift-control.js';
import { listControls } from './operations/list-controls.js';
import { setControlRpc } from './operations/set-control.js';
import { createPrincipal } from './principals/create-principal.js';
import { disablePrincipal } from './principals/disable-principal.js';
import { listPrincipals } from './principals/list-principals.js';
import type { ServiceParts } from './service-parts.js';
import { createTenant } from './tenants/create-tenant.js';
import { getTenant } from './tenants/get-tenant.js';
import { listTenants } from './tenants/list-tenants.js';
import { updateTenant } from './tenants/update-tenant.js';

/** The gRPC services, each RPC to its handler. */
export function tenantServices(parts: ServiceParts, trail: AuditTrail): ServedService[] {
  return [
    serve(TenantsServiceDefinition, {
      createTenant: (request, context) => createTenant(parts, callerOf(context), request),
      getTenant: (request, context) => getTenant(parts, callerOf(context), request),
      listTenants: (request, context) => listTenants(parts, callerOf(context), request),
      updateTenant: (request, context) => updateTenant(parts, callerOf(context), request),
      createPrincipal: (request, context) => createPrincipal(parts, callerOf(context), request),
      listPrincipals: (request, context) => listPrincipals(parts, callerOf(context), request),
      disablePrincipal: (request, context) => disablePrincipal(parts, callerOf(context), request),
      issueKey: (request, context) => issueKey(parts, callerOf(context), request),
      listKeys: (request, context) => listKeys(parts, callerOf(context), request),
      revokeKey: (request, context) => revokeKey(parts, callerOf(context), request),
      listAudit: (request, context) => listAudit(trail, callerOf(context), request),
    }),
    serve(OperationsServiceDefinition, {
      setControl: (request, context) => setControlRpc(parts, callerOf(context), request),
      liftControl: (request, context) => liftControlRpc(parts, callerOf(context), request),
      listControls: (_request, context) => listControls(parts, callerOf(context)),
    }),
    serve(DirectoryServiceDefinition, {
      authenticate: (request) => authenticate(parts, request),
      appendAudit: (request, context) => appendAudit(trail, callerOf(context), request),
    }),
  ];
}
