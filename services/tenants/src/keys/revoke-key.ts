import type { Caller, RevokeKeyRequest, RevokeKeyResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { notFound } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import type { ServiceParts } from '../service-parts.js';
import { changeDocument } from '../stores/change-document.js';

/** For good; repeating it keeps the first time. */
export async function revokeKey({ stores, now }: ServiceParts, caller: Caller, request: RevokeKeyRequest): Promise<RevokeKeyResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const read = async () => {
    const stored = await stores.keys.get(request.keyId);
    if (stored?.key.tenantId !== tenantId) throw notFound('Key');
    return stored;
  };
  const { key } = await changeDocument(stores.keys, read, (stored) =>
    stored.key.revokedAt > 0 ? null : { ...stored, key: { ...stored.key, revokedAt: now() } },
  );
  return { key };
}
