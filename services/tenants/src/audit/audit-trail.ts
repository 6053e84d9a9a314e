import { createHash } from 'node:crypto';
import { AuditEntry } from '@tocsin/contracts/tenants/v1/tenant';
import { TocsinError } from '@tocsin/errors';
import { SerialByKey } from '@tocsin/mongo';
import type { AuditMac } from '@tocsin/sealing';
import type { AuditDocument, AuditPlace } from '../stores/records.js';
import { AUDIT_LIST, type Stores } from '../stores/stores.js';

/** Tenants whose last entry is remembered; for the others the end is searched. */
const MAX_TAILS = 2_000;
/** Entries others may add while one looks for its place. */
const MAX_MOVES = 200;

interface Tail {
  readonly seq: number;
  readonly hash: Buffer;
}

const START: Tail = { seq: 0, hash: Buffer.alloc(0) };

/**
 * A tenant's audit: entries 1, 2, 3... each inserted once and never written again, each hashed with the one before, and its hash and place vouched for with the platform key. Whoever appends first writes
 * down where the entry is to stand, so that a repetition after a crash finds it.
 */
export class AuditTrail {
  private readonly tails = new Map<string, Tail>();
  /** Writers of one process would only take each other's next place. */
  private readonly writers = new SerialByKey();

  /** `grown`: a scope has an entry more. */
  constructor(
    private readonly stores: Pick<Stores, 'audit' | 'auditPlaces' | 'lists'>,
    private readonly mac: AuditMac,
    private readonly grown: (scope: string, seq: number, hash: Buffer) => void,
  ) {}

  /** Idempotent by entry id. */
  append(scope: string, entry: AuditEntry): Promise<void> {
    return this.writers.run(scope, () => this.write(scope, entry));
  }

  /** At most `size` entries, newest first, from `before` (exclusive; 0 = the end) downwards. */
  async page(scope: string, size: number, before: number): Promise<{ entries: AuditEntry[]; nextBefore: number }> {
    const from = before > 0 ? before - 1 : (await this.walk(scope, await this.tail(scope))).seq;
    const ids = Array.from({ length: Math.min(size, from) }, (_, index) => `${scope}:${from - index}`);
    const stored = await this.stores.audit.getMany(ids);
    const entries = stored.flatMap((document) => (document ? [document.entry] : []));
    const oldest = from - ids.length + 1;
    return { entries, nextBefore: oldest > 1 ? oldest : 0 };
  }

  private async write(scope: string, entry: AuditEntry): Promise<void> {
    const placeId = `${scope}:${entry.entryId}`;
    let tail = await this.tail(scope);
    let place: AuditPlace = { _id: placeId, v: 1, seq: tail.seq + 1 };
    if (!(await this.stores.auditPlaces.insert(place))) {
      place = (await this.stores.auditPlaces.get(placeId)) ?? place;
      if (await this.standsAt(scope, place.seq, entry.entryId)) return;
    }
    for (let move = 0; move < MAX_MOVES; move += 1) {
      if (place.seq !== tail.seq + 1) {
        const moved = { ...place, seq: tail.seq + 1 };
        const won = await this.stores.auditPlaces.replace(moved);
        place = won ? { ...moved, v: moved.v + 1 } : ((await this.stores.auditPlaces.get(placeId)) ?? moved);
        if (!won && (await this.standsAt(scope, place.seq, entry.entryId))) return;
        if (place.seq !== tail.seq + 1) {
          tail = await this.walk(scope, tail);
          continue;
        }
      }
      // Listed before it has an entry: who verifies all audits must miss none.
      if (tail.seq === 0) await this.stores.lists.append(AUDIT_LIST, scope);
      const hash = entryHash(tail.hash, entry);
      const mac = this.mac(entryPlace(scope, place.seq), hash);
      if (await this.stores.audit.insert({ _id: `${scope}:${place.seq}`, v: 1, entry, hash, mac })) {
        this.remember(scope, { seq: place.seq, hash });
        this.grown(scope, place.seq, hash);
        return;
      }
      if (await this.standsAt(scope, place.seq, entry.entryId)) return;
      tail = await this.walk(scope, tail);
    }
    throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others write to the same audit at the same time; try again.');
  }

  private async standsAt(scope: string, seq: number, entryId: string): Promise<boolean> {
    return (await this.stores.audit.get(`${scope}:${seq}`))?.entry.entryId === entryId;
  }

  private async tail(scope: string): Promise<Tail> {
    return this.tails.get(scope) ?? (await this.search(scope));
  }

  /** The last entry after a start: doubling steps up, then halving between; entries have no gaps. */
  private async search(scope: string): Promise<Tail> {
    let low: Tail = START;
    let high = 1;
    for (let found = await this.read(scope, high); found; found = await this.read(scope, high)) {
      low = found;
      high *= 2;
    }
    while (high - low.seq > 1) {
      const middle = Math.floor((low.seq + high) / 2);
      const found = await this.read(scope, middle);
      if (found) low = found;
      else high = middle;
    }
    return this.remember(scope, low);
  }

  /** Steps over what other instances appended meanwhile. */
  private async walk(scope: string, from: Tail): Promise<Tail> {
    let tail = from;
    for (let next = await this.read(scope, tail.seq + 1); next; next = await this.read(scope, tail.seq + 1)) tail = next;
    return this.remember(scope, tail);
  }

  private async read(scope: string, seq: number): Promise<Tail | null> {
    const stored: AuditDocument | null = await this.stores.audit.get(`${scope}:${seq}`);
    return stored && { seq, hash: stored.hash };
  }

  private remember(scope: string, tail: Tail): Tail {
    const known = this.tails.get(scope);
    if (known && known.seq > tail.seq) return tail;
    this.tails.delete(scope);
    this.tails.set(scope, tail);
    const oldest = this.tails.size > MAX_TAILS ? this.tails.keys().next() : undefined;
    if (oldest && !oldest.done) this.tails.delete(oldest.value);
    return tail;
  }
}

/** SHA-256 over the hash before and the entry: an entry edited, moved or cut out no longer fits. */
export function entryHash(before: Uint8Array, entry: AuditEntry): Buffer {
  return createHash('sha256').update(before).update(AuditEntry.encode(entry).finish()).digest();
}

/** What the MAC of an entry is about: its hash at another place, or in another tenant's audit, has another one. */
export function entryPlace(scope: string, seq: number): string {
  return `entry ${scope} ${seq}`;
}
