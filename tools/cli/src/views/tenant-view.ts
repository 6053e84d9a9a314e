import {
  PrincipalKind,
  Role,
  TenantKind,
  type ApiKey,
  type AuditEntry,
  type Principal,
  type Tenant,
} from '@tocsin/contracts/tenants/v1/tenant';
import { enumName } from '../option-values.js';

/** Unix ms as ISO 8601, '' for "not set". */
export function when(at: number): string {
  return at === 0 ? '' : new Date(at).toISOString();
}

export function tenantView(tenant: Tenant): object {
  const { sealKey: _sealKey, kind, createdAt, ...rest } = tenant;
  return { ...rest, kind: enumName(TenantKind, kind), createdAt: when(createdAt) };
}

export function principalView(principal: Principal): object {
  const { kind, roles, createdAt, ...rest } = principal;
  return { ...rest, kind: enumName(PrincipalKind, kind), roles: roleNames(roles), createdAt: when(createdAt) };
}

export function keyView(key: ApiKey): object {
  const { scopes, createdAt, expiresAt, revokedAt, ...rest } = key;
  return { ...rest, scopes: roleNames(scopes), createdAt: when(createdAt), expiresAt: when(expiresAt), revokedAt: when(revokedAt) };
}

export function auditView(entry: AuditEntry): object {
  return { ...entry, occurredAt: when(entry.occurredAt) };
}

export function roleNames(roles: readonly Role[]): string[] {
  return roles.map((role) => enumName(Role, role));
}
