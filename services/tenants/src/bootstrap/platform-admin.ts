import { derivedId } from '@tocsin/contracts';
import { type ApiKey, type Principal, PrincipalKind, Role } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import { type Guarded, type MongoConnection, openIdLists } from '@tocsin/mongo';
import { hashSecret, parseToken, writeToken } from '../core/api-key.js';
import { authenticate } from '../keys/authenticate.js';
import type { KeyDocument, PrincipalDocument } from '../stores/records.js';
import { listOf } from '../stores/stores.js';

/** The one document that says who the first administrator is; whoever inserts it wins. */
const CLAIM = 'bootstrap';

interface BootstrapClaim extends Guarded {
  readonly principal: Principal;
  readonly key: ApiKey;
  readonly secretHash: Buffer;
}

export interface Bootstrapped {
  /** false: another key was the first one. */
  readonly own: boolean;
  readonly principalId: string;
  readonly keyId: string;
}

export { parseToken, writeToken };

/** Makes the first platform administrator with this key, once: the claim holds all of it, so a call after a crash finishes what it began. */
export async function bootstrapPlatform(connection: MongoConnection, token: string, now: number): Promise<Bootstrapped> {
  const parsed = parseToken(token);
  if (!parsed) throw new RangeError('not a key');
  const principalId = derivedId('prn', '', CLAIM);
  const claims = await connection.documents<BootstrapClaim>('bootstrap');
  const mine: BootstrapClaim = {
    _id: CLAIM,
    v: 1,
    principal: {
      principalId,
      tenantId: '',
      kind: PrincipalKind.AGENT,
      displayName: 'Platform administrator',
      roles: [Role.PLATFORM_ADMIN],
      disabled: false,
      createdAt: now,
    },
    key: { keyId: parsed.keyId, principalId, tenantId: '', label: CLAIM, scopes: [], createdAt: now, expiresAt: 0, revokedAt: 0 },
    secretHash: hashSecret(parsed.secret),
  };
  const own = await claims.insert(mine);
  const claim = own ? mine : ((await claims.get(CLAIM)) ?? mine);
  await write(connection, claim);
  return { own: claim.secretHash.equals(mine.secretHash), principalId, keyId: claim.key.keyId };
}

/** Whether there is a first administrator already. */
export async function isBootstrapped(connection: MongoConnection): Promise<boolean> {
  return (await (await connection.documents<BootstrapClaim>('bootstrap')).get(CLAIM)) !== null;
}

/** Whether this key authenticates now. */
export async function keyWorks(connection: MongoConnection, token: string, now: number): Promise<boolean> {
  const stores = {
    // The first administrator belongs to no tenant.
    tenants: { get: () => Promise.resolve(null) },
    keys: await connection.documents<KeyDocument>('keys'),
    principals: await connection.documents<PrincipalDocument>('principals'),
  };
  return authenticate({ stores, now: () => now }, { secret: token }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof TocsinError && error.code === 'UNAUTHENTICATED') return false;
      throw error;
    },
  );
}

async function write(connection: MongoConnection, { principal, key, secretHash }: BootstrapClaim): Promise<void> {
  const lists = await openIdLists(connection, 'lists');
  await lists.append(listOf('', 'principals'), principal.principalId);
  await lists.append(listOf('', 'keys'), key.keyId);
  const principals = await connection.documents<PrincipalDocument>('principals');
  await principals.insert({ _id: principal.principalId, v: 1, principal, bodyHash: CLAIM });
  const keys = await connection.documents<KeyDocument>('keys');
  await keys.insert({ _id: key.keyId, v: 1, key, secretHash, bodyHash: CLAIM });
}
