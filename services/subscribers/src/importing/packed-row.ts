import type { AddressKind } from '../csv/header.js';
import type { Consent, PersonRow } from '../csv/person-row.js';
import { VARIABLES, type Variable } from '../csv/person-row.js';

/**
 * A row waiting to be written, in one text and a few small values: a chunk holds tens of thousands, and a text costs the collector nothing where a person's objects cost
 * it more than the whole import. The text is also what the row's fingerprint is taken of.
 */
export interface PackedRow {
  readonly line: number;
  /** Keyed hashes of its addresses, and their kinds, in the row's order. */
  readonly keys: readonly string[];
  readonly kinds: readonly AddressKind[];
  /** Bits by address: an earlier row of the file named it. */
  readonly seen: number;
  readonly packed: string;
}

export type UnpackedRow = Omit<PersonRow, 'line'>;

type Packed = readonly [
  variables: readonly string[],
  inseeCode: string,
  groups: readonly string[],
  position: readonly [number, number] | null,
  addresses: readonly (readonly [AddressKind, string, Consent])[],
];

/** Packs a row; `keyOf` answers the hash of an address as a key, `seen` adds it to those of the file and answers whether it was there. */
export function packRow(person: PersonRow, keyOf: (address: string) => string, seen: (key: string) => boolean): PackedRow {
  const { line, variables, inseeCode, groups, position, addresses } = person;
  const packed: Packed = [
    VARIABLES.map((name) => variables[name]),
    inseeCode,
    groups,
    position ? [position.latitude, position.longitude] : null,
    addresses.map(({ kind, address, consent }) => [kind, address, consent]),
  ];
  const keys = addresses.map(({ address }) => keyOf(address));
  return {
    line,
    keys,
    kinds: addresses.map(({ kind }) => kind),
    seen: keys.reduce((bits, key, index) => (seen(key) ? bits | (1 << index) : bits), 0),
    packed: JSON.stringify(packed),
  };
}

export function unpackRow({ packed }: PackedRow): UnpackedRow {
  const [values, inseeCode, groups, position, addresses] = JSON.parse(packed) as Packed;
  return {
    variables: Object.fromEntries(VARIABLES.map((name, index) => [name, values[index] ?? ''])) as Record<Variable, string>,
    inseeCode,
    groups,
    position: position ? { latitude: position[0], longitude: position[1] } : undefined,
    addresses: addresses.map(([kind, address, consent]) => ({ kind, address, consent })),
  };
}
