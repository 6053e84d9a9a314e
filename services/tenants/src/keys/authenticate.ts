import type { AuthenticateRequest, AuthenticateResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { parseToken, secretMatches } from '../core/api-key.js';
import { narrowedRoles } from '../core/principal-rules.js';
import type { Stores } from '../stores/stores.js';

/** Compared with where no key is stored, so that an unknown key takes as long as a wrong secret. */
const NO_HASH = Buffer.alloc(32);

export interface AuthenticateParts {
  readonly stores: Pick<Stores, 'keys' | 'principals'> & { readonly tenants: Pick<Stores['tenants'], 'get'> };
  /** Unix ms. */
  readonly now: () => number;
}

/** Point reads: the key, then its principal and its tenant. Why a key is refused is told only to who has its secret. */
export async function authenticate({ stores, now }: AuthenticateParts, request: AuthenticateRequest): Promise<AuthenticateResponse> {
  const token = parseToken(request.secret);
  const stored = token && (await stores.keys.get(token.keyId));
  if (!token || !secretMatches(token.secret, stored?.secretHash ?? NO_HASH) || !stored) throw refused('KEY_UNKNOWN', 'is not known');
  const { key } = stored;
  if (key.revokedAt > 0) throw refused('KEY_REVOKED', 'was revoked');
  if (key.expiresAt > 0 && key.expiresAt <= now()) throw refused('KEY_EXPIRED', 'has expired');
  const [found, tenant] = await Promise.all([
    stores.principals.get(key.principalId),
    key.tenantId === '' ? null : stores.tenants.get(key.tenantId),
  ]);
  const principal = found?.principal;
  if (!principal || principal.disabled) throw refused('PRINCIPAL_DISABLED', 'belongs to a disabled principal');
  if (tenant?.state.tenant.suspended === true) throw refused('TENANT_SUSPENDED', 'belongs to a suspended tenant');
  return { principal, roles: narrowedRoles(principal.roles, key.scopes), keyId: key.keyId };
}

function refused(reason: string, why: string): TocsinError {
  return new TocsinError('UNAUTHENTICATED', reason, `The API key ${why}.`);
}
