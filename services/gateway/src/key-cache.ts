import { createHash } from 'node:crypto';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';

/** Milliseconds an answer about a key is believed: with the time of a call, a revoked key is refused within 5 s. */
export const KEY_TTL_MS = 3_000;
/** Keys remembered; the oldest goes first. */
const MAX_KEYS = 10_000;

interface Entry {
  readonly caller: Caller;
  readonly until: number;
}

/** Who a key belongs to, for a short while; keys themselves are not kept, only their hash. */
export class KeyCache {
  readonly #entries = new Map<string, Entry>();

  /** `now` is monotonic, ms. */
  get(secret: string, now: number): Caller | undefined {
    const name = hashOf(secret);
    const entry = this.#entries.get(name);
    return entry && entry.until > now ? entry.caller : undefined;
  }

  /** Whether the key was good when it was last asked about, however long ago. */
  knew(secret: string): boolean {
    return this.#entries.has(hashOf(secret));
  }

  forgetKey(secret: string): void {
    this.#entries.delete(hashOf(secret));
  }

  /** `asked`: when the question left, so that the age counts from before the answer was decided. */
  put(secret: string, caller: Caller, asked: number): void {
    this.forgetKey(secret);
    if (this.#entries.size >= MAX_KEYS) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(hashOf(secret), { caller, until: asked + KEY_TTL_MS });
  }

  /** Forgets every caller the test holds for. */
  forget(test: (caller: Caller) => boolean): void {
    for (const [name, { caller }] of this.#entries) if (test(caller)) this.#entries.delete(name);
  }

  size(): number {
    return this.#entries.size;
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
