import { derivedId } from '@tocsin/contracts';
import type { ApiKey } from '@tocsin/contracts/tenants/v1/tenant';
import type { Caller, IssueKeyRequest, IssueKeyResponse } from '@tocsin/contracts/tenants/v1/tenants_service';
import { checkIdempotencyKey, isLine, TocsinError, Violations } from '@tocsin/errors';
import { tenantOf } from '../core/access.js';
import { hashSecret, SECRET_BYTES, writeToken } from '../core/api-key.js';
import { bodyHash } from '../core/body-hash.js';
import { checkRoles } from '../core/principal-rules.js';
import { findPrincipal } from '../principals/find-principal.js';
import type { ServiceParts } from '../service-parts.js';
import { sameBody } from '../stores/claim.js';
import { listOf } from '../stores/stores.js';

const MAX_LABEL = 80;

/** The only answer that ever holds the secret: a repetition is told which key it made. */
export async function issueKey({ stores, now, random }: ServiceParts, caller: Caller, request: IssueKeyRequest): Promise<IssueKeyResponse> {
  const { idempotencyKey, ...rest } = request;
  const body = { ...rest, tenantId: tenantOf(caller, rest.tenantId), scopes: rest.scopes.toSorted((a, b) => a - b) };
  const createdAt = now();
  const violations = new Violations();
  checkIdempotencyKey(violations, idempotencyKey);
  violations.check('label', body.label === '' || isLine(body.label, MAX_LABEL), `must be at most ${MAX_LABEL} characters on one line`);
  checkRoles(violations, 'scopes', body.scopes);
  violations.raise();

  const keyId = derivedId('key', body.tenantId, idempotencyKey);
  const hash = bodyHash(body);
  const existing = await stores.keys.get(keyId);
  if (existing) throw issued(sameBody(existing, hash).key.keyId);

  const { principal } = await findPrincipal(stores, body.tenantId, body.principalId);
  if (principal.disabled) throw new TocsinError('FAILED_PRECONDITION', 'PRINCIPAL_DISABLED', 'A disabled principal gets no key.');
  violations.check(
    'scopes',
    body.scopes.every((scope) => principal.roles.includes(scope)),
    'must be roles the principal has',
  );
  violations.check(
    'expires_at',
    body.expiresAt === 0 || body.expiresAt > createdAt,
    'must be in the future, in Unix milliseconds, or 0 for never',
  );
  violations.raise();

  await stores.lists.append(listOf(body.tenantId, 'keys'), keyId);
  const secret = random(SECRET_BYTES);
  const key: ApiKey = { keyId, ...body, createdAt, revokedAt: 0 };
  if (await stores.keys.insert({ _id: keyId, v: 1, key, secretHash: hashSecret(secret), bodyHash: hash })) {
    return { key, secret: writeToken(keyId, secret) };
  }
  const stored = await stores.keys.get(keyId);
  if (stored) sameBody(stored, hash);
  throw issued(keyId);
}

function issued(keyId: string): TocsinError {
  const message = `The key ${keyId} was issued by an earlier call and its secret is shown once; revoke it and issue another one if it was lost.`;
  return new TocsinError('ALREADY_EXISTS', 'KEY_ALREADY_ISSUED', message, { metadata: { key_id: keyId } });
}
