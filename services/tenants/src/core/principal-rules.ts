import { PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import { isLine, type Violations } from '@tocsin/errors';

const MAX_DISPLAY_NAME = 120;
/** What a principal of the platform itself may do: it owns no register and no campaign. */
const PLATFORM_ROLES: ReadonlySet<Role> = new Set([Role.PLATFORM_ADMIN, Role.READER]);

export interface NewPrincipal {
  /** '' = of the platform. */
  readonly tenantId: string;
  readonly kind: PrincipalKind;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

/** Machines never approve; a tenant's principal never administers the platform. */
export function checkPrincipal(violations: Violations, principal: NewPrincipal): void {
  const { tenantId, kind, displayName, roles } = principal;
  violations.check('kind', kind === PrincipalKind.AGENT || kind === PrincipalKind.MACHINE, 'must be agent (a person) or machine');
  violations.check('display_name', isLine(displayName, MAX_DISPLAY_NAME), `must be 1 to ${MAX_DISPLAY_NAME} characters on one line`);
  checkRoles(violations, 'roles', roles);
  violations.check('roles', roles.length > 0, 'must name at least one role');
  violations.check('roles', kind !== PrincipalKind.MACHINE || !roles.includes(Role.APPROVER), 'a machine may not approve');
  violations.check(
    'roles',
    tenantId === '' || !roles.includes(Role.PLATFORM_ADMIN),
    "a tenant's principal may not administer the platform",
  );
  const foreign = tenantId === '' && roles.some((role) => !PLATFORM_ROLES.has(role));
  violations.check('roles', !foreign, "the platform's principals may only be platform administrators or readers");
}

export function checkRoles(violations: Violations, field: string, roles: readonly Role[]): void {
  violations.check(
    field,
    roles.every((role) => role !== Role.UNSPECIFIED && Role[role] !== undefined),
    'must be known roles',
  );
  violations.check(field, new Set(roles).size === roles.length, 'must not repeat a role');
}

/** Roles a key gives: all of the principal, or those of its scopes that the principal has. */
export function narrowedRoles(roles: readonly Role[], scopes: readonly Role[]): Role[] {
  return scopes.length === 0 ? [...roles] : roles.filter((role) => scopes.includes(role));
}
