import type { AuthenticateResponse, Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import type { CallContext } from './call-context.js';
import type { CallSlots } from './call-slots.js';
import type { KeyCache } from './key-cache.js';

/** Longest key read, characters: "tok_<ULID>_<secret>". */
const MAX_SECRET = 256;
const SHAPE = /^Bearer (tok_[A-Za-z0-9_-]+)$/;

export interface AuthenticatorParts {
  readonly cache: KeyCache;
  /** Questions to the directory at once about keys nobody here has seen, by nobody in particular. */
  readonly slots: CallSlots;
  /** The same about keys that were good a moment ago: a flood of wrong keys does not stand in their way. */
  readonly knownSlots: CallSlots;
  ask(secret: string): Promise<AuthenticateResponse>;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** Says who calls by the key in "authorization: Bearer tok_...": from memory for a moment, else from the directory. */
export class Authenticator {
  readonly #asking = new Map<string, Promise<Caller>>();

  constructor(private readonly parts: AuthenticatorParts) {}

  /** Who has this key, from memory alone; undefined = not known, or no key at all. */
  known(metadata: CallContext['metadata']): Caller | undefined {
    const header = metadata.get('authorization');
    const secret = header !== undefined && header.length <= MAX_SECRET ? SHAPE.exec(header)?.[1] : undefined;
    return secret === undefined ? undefined : this.parts.cache.get(secret, this.parts.now());
  }

  async caller(metadata: CallContext['metadata']): Promise<Caller> {
    const secret = bearer(metadata.get('authorization'));
    const known = this.parts.cache.get(secret, this.parts.now());
    if (known) return known;
    let asking = this.#asking.get(secret);
    if (!asking) {
      asking = this.#ask(secret).finally(() => this.#asking.delete(secret));
      this.#asking.set(secret, asking);
    }
    return asking;
  }

  async #ask(secret: string): Promise<Caller> {
    const release = (this.parts.cache.knew(secret) ? this.parts.knownSlots : this.parts.slots).take();
    try {
      const asked = this.parts.now();
      const { principal, roles, keyId } = await this.parts.ask(secret);
      if (!principal) throw refused('KEY_UNKNOWN', 'This key is not known.');
      const caller = { principalId: principal.principalId, tenantId: principal.tenantId, kind: principal.kind, roles, keyId };
      this.parts.cache.put(secret, caller, asked);
      return caller;
    } catch (error) {
      if (error instanceof TocsinError && error.code === 'UNAUTHENTICATED') this.parts.cache.forgetKey(secret);
      throw error;
    } finally {
      release();
    }
  }
}

function bearer(header: string | undefined): string {
  if (header === undefined || header === '') throw refused('KEY_MISSING', 'The call needs the metadata "authorization: Bearer <key>".');
  const secret = header.length <= MAX_SECRET ? SHAPE.exec(header)?.[1] : undefined;
  if (secret === undefined) throw refused('KEY_MALFORMED', 'The key does not have the form "Bearer tok_...".');
  return secret;
}

function refused(reason: string, message: string): TocsinError {
  return new TocsinError('UNAUTHENTICATED', reason, message);
}
