import type { RowVerdict } from '../csv/verdict.js';
import { KIND_BIT, type Owner } from '../register/claims.js';
import type { PackedRow } from './packed-row.js';

/** One contact that rows of a chunk speak of. */
export interface Target {
  /** Page x 250 + slot; undefined = a contact to be. */
  place: number | undefined;
  kinds: number;
  /** Kinds known before the chunk. */
  readonly kindsBefore: number;
  /** Each with the addresses that are the contact's own (bits by index). */
  readonly rows: { readonly row: PackedRow; readonly own: number; readonly merged: boolean }[];
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
export function resolveRows(rows: readonly PackedRow[], claims: ReadonlyMap<string, Owner>): Resolved {
  const byPlace = new Map<number, Target>();
  const byAddress = new Map<string, Target>();
  const targets: Target[] = [];
  const verdicts: RowVerdict[] = [];

  const at = ({ place, kinds }: Owner): Target => {
    const standing = byPlace.get(place);
    if (standing) {
      standing.kinds |= kinds;
      return standing;
    }
    const target: Target = { place, kinds, kindsBefore: kinds, rows: [] };
    byPlace.set(place, target);
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
    const owners = row.keys.map(ownerOf);
    const match = owners.findIndex((owner, index) => owner !== undefined && names(owner, row, index));
    const found = match >= 0 ? owners[match] : undefined;
    const target: Target = found ?? { place: undefined, kinds: 0, kindsBefore: 0, rows: [] };
    if (!found) targets.push(target);
    let own = 0;
    row.keys.forEach((key, index) => {
      const kind = row.kinds[index];
      if (owners[index] !== undefined && owners[index] !== target) return;
      own |= 1 << index;
      byAddress.set(key, target);
      if (kind) target.kinds |= KIND_BIT[kind];
    });
    if (own !== (1 << row.keys.length) - 1) {
      verdicts.push({ line: row.line, verdict: 'WARNED', reason: 'ADDRESS_OF_ANOTHER_CONTACT', column: '' });
    }
    const merged = target.rows.length > 0 || (match >= 0 && (row.seen & (1 << match)) !== 0);
    if (merged) verdicts.push({ line: row.line, verdict: 'MERGED', reason: 'DUPLICATE_ADDRESS', column: '' });
    target.rows.push({ row, own, merged });
  }
  return { targets: targets.filter((target) => target.rows.length > 0), verdicts };
}

/** Whether the row's address `index`, known to belong to this owner, says that the row speaks of the owner. */
function names(owner: Target, row: PackedRow, index: number): boolean {
  if (row.kinds[index] === 'mobile') return true;
  return row.kinds.slice(0, index).every((kind) => (owner.kinds & KIND_BIT[kind]) === 0);
}
