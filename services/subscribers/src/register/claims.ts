import type { EntryCodec, HashBuckets } from './hash-buckets.js';
import type { AddressKind } from '../csv/header.js';

/** Who has an address: the place of its contact, and the kinds of address that contact is known to have. */
export interface Claim {
  /** Keyed hash of the address, 16 bytes. */
  readonly hash: Buffer;
  /** Page x 250 + slot. */
  readonly place: number;
  /** Bits of KIND_BIT. */
  readonly kinds: number;
}

/** Bits tell apart "the same person, now with a mobile" from "somebody else of the same home". */
export const KIND_BIT: Readonly<Record<AddressKind, number>> = { mobile: 1, mailbox: 2, landline: 4 };

const HASH_BYTES = 16;
/** Hash, place as 40 bits, kinds. */
const ENTRY_BYTES = HASH_BYTES + 5 + 1;

/** Packed, because a bucket is rewritten as a whole and the store pays per field. */
export const claimCodec: EntryCodec<Claim> = {
  encode(entries) {
    const body = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
    entries.forEach((entry, index) => {
      const at = index * ENTRY_BYTES;
      entry.hash.copy(body, at, 0, HASH_BYTES);
      body.writeUIntBE(entry.place, at + HASH_BYTES, 5);
      body.writeUInt8(entry.kinds, at + HASH_BYTES + 5);
    });
    return body;
  },
  decode(body) {
    return Array.from({ length: Math.floor(body.length / ENTRY_BYTES) }, (_, index) => {
      const at = index * ENTRY_BYTES;
      return {
        hash: body.subarray(at, at + HASH_BYTES),
        place: body.readUIntBE(at + HASH_BYTES, 5),
        kinds: body.readUInt8(at + HASH_BYTES + 5),
      };
    });
  },
};

/** A hash as a key of maps. */
export function hashKey(hash: Buffer): string {
  return hash.toString('latin1');
}

/** Who holds these addresses, by hashKey; absent = nobody. */
export async function findClaims(buckets: HashBuckets<Claim>, scope: string, hashes: readonly Buffer[]): Promise<Map<string, Claim>> {
  const found = new Map<string, Claim>();
  const items = hashes.map((hash) => ({ hash, key: hashKey(hash) }));
  await buckets.read(scope, items, (entries, own) => {
    const wanted = new Set(own.map((item) => item.key));
    for (const entry of entries) {
      const key = hashKey(entry.hash);
      // Entries are slices of a bucket's body: a copy keeps the bucket from being held.
      if (wanted.has(key)) found.set(key, { hash: Buffer.from(entry.hash), place: entry.place, kinds: entry.kinds });
    }
  });
  return found;
}

/** Claims addresses nobody has and adds kinds to those the same place has; answers who holds each one now, by hashKey. */
export async function takeClaims(buckets: HashBuckets<Claim>, scope: string, wanted: readonly Claim[]): Promise<Map<string, Claim>> {
  const owners = new Map<string, Claim>();
  await buckets.change(scope, wanted, (entries, own) => {
    const known = new Map(entries.map((entry) => [hashKey(entry.hash), entry]));
    let changed = false;
    for (const claim of own) {
      const key = hashKey(claim.hash);
      const standing = known.get(key);
      const kinds = standing?.place === claim.place ? standing.kinds | claim.kinds : claim.kinds;
      const owner = standing && (standing.place !== claim.place || standing.kinds === kinds) ? standing : { ...claim, kinds };
      if (owner !== standing) {
        known.set(key, owner);
        changed = true;
      }
      owners.set(key, { hash: claim.hash, place: owner.place, kinds: owner.kinds });
    }
    return changed ? [...known.values()] : null;
  });
  return owners;
}

/** Gives addresses up where this place still holds them. */
export async function releaseClaims(buckets: HashBuckets<Claim>, scope: string, hashes: readonly Buffer[], place: number): Promise<void> {
  await buckets.change(
    scope,
    hashes.map((hash) => ({ hash, key: hashKey(hash) })),
    (entries, own) => {
      const released = new Set(own.map((item) => item.key));
      const left = entries.filter((entry) => entry.place !== place || !released.has(hashKey(entry.hash)));
      return left.length === entries.length ? null : left;
    },
  );
}
