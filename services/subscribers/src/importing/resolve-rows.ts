import { KIND_BIT, hashKey, type Claim } from '../register/claims.js';
import type { HashedRow } from '../register/sealed-contact.js';
import type { RowVerdict } from '../csv/verdict.js';

/** A row read, with what the file had said before it. */
export interface ReadRow extends HashedRow {
  /** By address: an earlier row of this file named it. */
  readonly seenBefore: readonly boolean[];
}

/** One contact that rows of a chunk speak of. */
export interface Target {
  /** Page x 250 + slot; undefined = a contact to be. */
  place: number | undefined;
  kinds: number;
  /** Kinds known before the chunk. */
  readonly kindsBefore: number;
  readonly rows: { readonly row: ReadRow; readonly merged: boolean }[];
}

export interface Resolved {
  readonly targets: readonly Target[];
  readonly verdicts: readonly RowVerdict[];
}

/**
 * Decides for each row which contact it speaks of. An address names its contact, mobiles first. An address that several people share (a landline, a mailbox)
 * names it only when the row's more personal addresses could be new ones of that contact: somebody with another mobile is somebody else of the same home,
 * becomes a contact of their own, and the shared address stays with whom it was first. Pure.
 */
export function resolveRows(rows: readonly ReadRow[], claims: ReadonlyMap<string, Claim>): Resolved {
  const byPlace = new Map<number, Target>();
  const byAddress = new Map<string, Target>();
  const targets: Target[] = [];
  const verdicts: RowVerdict[] = [];

  const at = (claim: Claim): Target => {
    const standing = byPlace.get(claim.place);
    if (standing) {
      standing.kinds |= claim.kinds;
      return standing;
    }
    const target: Target = { place: claim.place, kinds: claim.kinds, kindsBefore: claim.kinds, rows: [] };
    byPlace.set(claim.place, target);
    targets.push(target);
    return target;
  };
  const ownerOf = (key: string): Target | undefined => {
    const known = byAddress.get(key);
    if (known) return known;
    const claim = claims.get(key);
    return claim && at(claim);
  };

  for (const row of rows) {
    const owners = row.addresses.map(({ hash }) => ownerOf(hashKey(hash)));
    const match = owners.findIndex((owner, index) => owner !== undefined && names(owner, row, index));
    const found = match >= 0 ? owners[match] : undefined;
    const target: Target = found ?? { place: undefined, kinds: 0, kindsBefore: 0, rows: [] };
    if (!found) targets.push(target);
    const own = row.addresses.filter((_, index) => owners[index] === undefined || owners[index] === target);
    if (own.length < row.addresses.length) {
      verdicts.push({ line: row.person.line, verdict: 'WARNED', reason: 'ADDRESS_OF_ANOTHER_CONTACT', column: '' });
    }
    for (const { address, hash } of own) {
      byAddress.set(hashKey(hash), target);
      target.kinds |= KIND_BIT[address.kind];
    }
    const merged = target.rows.length > 0 || (match >= 0 && (row.seenBefore[match] ?? false));
    if (merged) verdicts.push({ line: row.person.line, verdict: 'MERGED', reason: 'DUPLICATE_ADDRESS', column: '' });
    target.rows.push({ row: { ...row, addresses: own }, merged });
  }
  return { targets: targets.filter((target) => target.rows.length > 0), verdicts };
}

/** Whether the row's address `index`, known to belong to this owner, says that the row speaks of the owner. */
function names(owner: Target, row: ReadRow, index: number): boolean {
  if (row.addresses[index]?.address.kind === 'mobile') return true;
  return row.addresses.slice(0, index).every(({ address }) => (owner.kinds & KIND_BIT[address.kind]) === 0);
}
