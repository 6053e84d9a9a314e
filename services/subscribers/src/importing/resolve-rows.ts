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

/**
 * Decides for each row of a chunk which contact it speaks of. An address names its contact, mobiles first. An address that several people share (a landline, a mailbox)
 * names it only when the row's more personal addresses could be new ones of that contact: somebody with another mobile is somebody else of the same home,
 * becomes a contact of their own, and the shared address stays with whom it was first. No I/O; a row at a time, so that the caller can cut the work in slices.
 */
export class RowResolver {
  readonly verdicts: RowVerdict[] = [];
  private readonly byPlace = new Map<number, Target>();
  private readonly byAddress = new Map<string, Target>();
  private readonly found: Target[] = [];

  /** `claims`: who has the chunk's addresses before it. */
  constructor(private readonly claims: ReadonlyMap<string, Owner>) {}

  /** Contacts that rows spoke of, in the order they were first met. */
  get targets(): readonly Target[] {
    return this.found.filter((target) => target.rows.length > 0);
  }

  take(row: PackedRow): void {
    const owners = row.keys.map((key) => this.byAddress.get(key) ?? this.claimant(key));
    const match = owners.findIndex((owner, index) => owner !== undefined && names(owner, row, index));
    const target = (match >= 0 ? owners[match] : undefined) ?? this.add({ place: undefined, kinds: 0, kindsBefore: 0, rows: [] });
    let own = 0;
    row.keys.forEach((key, index) => {
      if (owners[index] !== undefined && owners[index] !== target) return;
      own |= 1 << index;
      this.byAddress.set(key, target);
      const kind = row.kinds[index];
      if (kind) target.kinds |= KIND_BIT[kind];
    });
    if (own !== (1 << row.keys.length) - 1) this.say(row, 'WARNED', 'ADDRESS_OF_ANOTHER_CONTACT');
    const merged = target.rows.length > 0 || (match >= 0 && (row.seen & (1 << match)) !== 0);
    if (merged) this.say(row, 'MERGED', 'DUPLICATE_ADDRESS');
    target.rows.push({ row, own, merged });
  }

  private claimant(key: string): Target | undefined {
    const claim = this.claims.get(key);
    if (!claim) return undefined;
    const { place, kinds } = claim;
    const standing = this.byPlace.get(place);
    if (standing) {
      standing.kinds |= kinds;
      return standing;
    }
    const target = this.add({ place, kinds, kindsBefore: kinds, rows: [] });
    this.byPlace.set(place, target);
    return target;
  }

  private add(target: Target): Target {
    this.found.push(target);
    return target;
  }

  private say(row: PackedRow, verdict: RowVerdict['verdict'], reason: RowVerdict['reason']): void {
    this.verdicts.push({ line: row.line, verdict, reason, column: '' });
  }
}

/** Whether the row's address `index`, known to belong to this owner, says that the row speaks of the owner. */
function names(owner: Target, row: PackedRow, index: number): boolean {
  if (row.kinds[index] === 'mobile') return true;
  return row.kinds.slice(0, index).every((kind) => (owner.kinds & KIND_BIT[kind]) === 0);
}
