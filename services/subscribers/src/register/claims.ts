import type { AddressKind } from '../csv/header.js';
import { bitsOf, type BodyCodec, type HashBuckets } from './hash-buckets.js';

/** Who has an address: the place of its contact, and the kinds of address that contact is known to have. */
export interface Owner {
  /** Page x 250 + slot. */
  readonly place: number;
  /** Bits of KIND_BIT. */
  readonly kinds: number;
}

export interface Claim extends Owner {
  readonly key: string;
}

/** Bits tell apart "the same person, now with a mobile" from "somebody else of the same home". */
export const KIND_BIT: Readonly<Record<AddressKind, number>> = { mobile: 1, mailbox: 2, landline: 4 };

const HASH_BYTES = 16;
const PLACE_BYTES = 5;
/** Hash, place, kinds; sorted by hash. Packed, because a bucket is rewritten as a whole and both the store and the collector pay per object. */
const ENTRY_BYTES = HASH_BYTES + PLACE_BYTES + 1;

/** A keyed hash as a key, and back. */
export function keyOf(hash: Buffer): string {
  return hash.toString('latin1');
}

export function hashOf(key: string): Buffer {
  return Buffer.from(key, 'latin1');
}

export const claimCodec: BodyCodec = {
  count: countOf,
  split(body, from, bits) {
    const parts = new Map<string, Buffer[]>();
    for (let index = 0; index < countOf(body); index += 1) {
      const entry = body.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES);
      const suffix = bitsOf(entry.toString('latin1', 0, HASH_BYTES), from, bits);
      const part = parts.get(suffix);
      if (part) part.push(entry);
      else parts.set(suffix, [entry]);
    }
    return new Map([...parts].map(([suffix, entries]) => [suffix, Buffer.concat(entries)]));
  },
};

/** Who holds these addresses, by key; absent = nobody. */
export async function findClaims(buckets: HashBuckets, scope: string, keys: Iterable<string>): Promise<Map<string, Owner>> {
  const found = new Map<string, Owner>();
  const items = Array.from(keys, (key) => ({ key }));
  await buckets.read(scope, items, (body, own) => {
    for (const { key } of own) {
      const index = search(body, key);
      if (index >= 0) found.set(key, ownerAt(body, index));
    }
  });
  return found;
}

/** Claims addresses nobody has and adds kinds to those the same place has; answers the claims that others hold, by key. */
export async function takeClaims(buckets: HashBuckets, scope: string, wanted: readonly Claim[]): Promise<Map<string, Owner>> {
  const others = new Map<string, Owner>();
  await buckets.change(scope, wanted, (body, own) => {
    const fresh = new Map<string, Owner>();
    let updated: Buffer | undefined;
    for (const { key, place, kinds } of own) {
      const index = search(body, key);
      const standing = index >= 0 ? ownerAt(updated ?? body, index) : fresh.get(key);
      if (standing && standing.place !== place) {
        others.set(key, standing);
        continue;
      }
      others.delete(key);
      const all = kinds | (standing?.kinds ?? 0);
      if (standing?.kinds === all) continue;
      if (index < 0) fresh.set(key, { place, kinds: all });
      else {
        updated ??= Buffer.from(body);
        updated.writeUInt8(all, (index + 1) * ENTRY_BYTES - 1);
      }
    }
    return fresh.size > 0 ? insertAll(updated ?? body, fresh) : (updated ?? null);
  });
  return others;
}

/** Gives addresses up where this place still holds them. */
export async function releaseClaims(buckets: HashBuckets, scope: string, keys: readonly string[], place: number): Promise<void> {
  const items = keys.map((key) => ({ key }));
  await buckets.change(scope, items, (body, own) => {
    const released = new Set(own.map(({ key }) => search(body, key)).filter((index) => index >= 0 && ownerAt(body, index).place === place));
    if (released.size === 0) return null;
    const left = Array.from({ length: countOf(body) }, (_, index) => index).filter((index) => !released.has(index));
    return Buffer.concat(left.map((index) => body.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES)));
  });
}

function countOf(body: Buffer): number {
  return Math.floor(body.length / ENTRY_BYTES);
}

function ownerAt(body: Buffer, index: number): Owner {
  const at = index * ENTRY_BYTES + HASH_BYTES;
  return { place: body.readUIntBE(at, PLACE_BYTES), kinds: body.readUInt8(at + PLACE_BYTES) };
}

/** Index of a key, or -1. */
function search(body: Buffer, key: string): number {
  let low = 0;
  let high = countOf(body) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const order = compareAt(body, middle * ENTRY_BYTES, key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function compareAt(body: Buffer, at: number, key: string): number {
  for (let index = 0; index < HASH_BYTES; index += 1) {
    const difference = (body[at + index] ?? 0) - key.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Merges new entries into their places. */
function insertAll(body: Buffer, fresh: ReadonlyMap<string, Owner>): Buffer {
  const keys = [...fresh.keys()].sort();
  const merged = Buffer.allocUnsafe(body.length + keys.length * ENTRY_BYTES);
  let from = 0;
  let to = 0;
  for (const key of keys) {
    let until = from;
    while (until < body.length && compareAt(body, until, key) < 0) until += ENTRY_BYTES;
    to += body.copy(merged, to, from, until);
    from = until;
    const { place = 0, kinds = 0 } = fresh.get(key) ?? {};
    merged.write(key, to, 'latin1');
    merged.writeUIntBE(place, to + HASH_BYTES, PLACE_BYTES);
    merged.writeUInt8(kinds, to + HASH_BYTES + PLACE_BYTES);
    to += ENTRY_BYTES;
  }
  body.copy(merged, to, from);
  return merged;
}
