import { describe, expect, it } from 'vitest';
import { KIND_BIT, type Owner } from '../register/claims.js';
import type { AddressKind } from '../csv/header.js';
import type { PackedRow } from './packed-row.js';
import { RowResolver } from './resolve-rows.js';

const kindOf = (address: string): AddressKind => (address.startsWith('m') ? 'mobile' : address.startsWith('l') ? 'landline' : 'mailbox');

/** A row of addresses named m1, e1, l1... */
function row(line: number, ...addresses: string[]): PackedRow {
  return { line, keys: addresses, kinds: addresses.map(kindOf), seen: 0, packed: '' };
}

const claims = (...known: readonly (readonly [string, number, ...AddressKind[]])[]): Map<string, Owner> =>
  new Map(known.map(([address, place, ...kinds]) => [address, { place, kinds: kinds.reduce((bits, kind) => bits | KIND_BIT[kind], 0) }]));

function resolveRows(rows: readonly PackedRow[], known: ReadonlyMap<string, Owner>): RowResolver {
  const resolver = new RowResolver(known);
  for (const each of rows) resolver.take(each);
  return resolver;
}

const ROWS: readonly {
  says: string;
  rows: readonly PackedRow[];
  known?: Map<string, Owner>;
  targets: readonly string[];
  verdicts?: readonly string[];
}[] = [
  { says: 'different people are different contacts', rows: [row(1, 'm1'), row(2, 'm2')], targets: ['new: m1', 'new: m2'] },
  { says: 'the same mobile twice is one', rows: [row(1, 'm1'), row(2, 'm1', 'e1')], targets: ['new: m1 + m1,e1'], verdicts: ['2 MERGED'] },
  { says: 'a known mobile is its contact', rows: [row(1, 'm1')], known: claims(['m1', 7, 'mobile']), targets: ['7: m1'] },
  {
    says: 'two of one home keep their mobiles; the landline stays with the first',
    rows: [row(1, 'm1', 'l1'), row(2, 'm2', 'l1')],
    targets: ['new: m1,l1', 'new: m2'],
    verdicts: ['2 WARNED'],
  },
  {
    says: 'a landline alone is the home known by it',
    rows: [row(1, 'm1', 'l1'), row(2, 'l1')],
    targets: ['new: m1,l1 + l1'],
    verdicts: ['2 MERGED'],
  },
  {
    says: 'a contact known by landline gets its mobile',
    rows: [row(1, 'm1', 'l1')],
    known: claims(['l1', 3, 'landline']),
    targets: ['3: m1,l1'],
  },
  {
    says: 'a landline of somebody with another mobile does not take the row',
    rows: [row(1, 'm1', 'l1')],
    known: claims(['l1', 3, 'landline', 'mobile']),
    targets: ['new: m1'],
    verdicts: ['1 WARNED'],
  },
  {
    says: 'a shared mailbox leaves two mobiles apart',
    rows: [row(1, 'm1', 'e1'), row(2, 'm2', 'e1')],
    targets: ['new: m1,e1', 'new: m2'],
    verdicts: ['2 WARNED'],
  },
  {
    says: 'two contacts known are not joined',
    rows: [row(1, 'm1', 'e1')],
    known: claims(['m1', 1, 'mobile'], ['e1', 2, 'mailbox']),
    targets: ['1: m1'],
    verdicts: ['1 WARNED'],
  },
];

describe('which contact a row speaks of', () => {
  it.each(ROWS)('$says', ({ rows, known, targets, verdicts }) => {
    const resolved = resolveRows(rows, known ?? new Map());
    const told = resolved.targets.map(
      (target) =>
        `${target.place ?? 'new'}: ${target.rows.map(({ row: own, own: bits }) => own.keys.filter((_, index) => (bits & (1 << index)) !== 0).join(',')).join(' + ')}`,
    );
    expect(told).toEqual(targets);
    expect(resolved.verdicts.map(({ line, verdict }) => `${line} ${verdict}`)).toEqual(verdicts ?? []);
  });

  it('calls a row merged when an earlier chunk of the file named its address', () => {
    const again = { ...row(9, 'm1'), seen: 1 };
    expect(resolveRows([again], claims(['m1', 7, 'mobile'])).verdicts).toMatchObject([{ verdict: 'MERGED' }]);
  });
});
