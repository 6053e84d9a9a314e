import { notFound } from '@tocsin/errors';
import type { PrincipalDocument } from '../stores/records.js';
import type { Stores } from '../stores/stores.js';

/** The principal of this tenant ('' = of the platform); another tenant's does not exist. */
export async function findPrincipal(stores: Stores, tenantId: string, principalId: string): Promise<PrincipalDocument> {
  const stored = await stores.principals.get(principalId);
  if (stored?.principal.tenantId !== tenantId) throw notFound('Principal');
  return stored;
}
