import { encodeMessage, textLength } from '@tocsin/contracts';
import { SealedRecipient, type SealKey, type VariableLength } from '@tocsin/contracts/common/v1/common';
import type { StoredAddress, StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import type { Sealer } from '@tocsin/sealing';
import { domainOf } from '../csv/mailbox.js';
import { MAX_ADDRESSES, MAX_GROUPS, VARIABLES, type RowAddress } from '../csv/person-row.js';
import { unpackRow, type PackedRow, type UnpackedRow } from '../importing/packed-row.js';
import { hashOf } from './claims.js';

/** Rows remembered per contact; a contact made of more is written again by each import of them. */
const MAX_FINGERPRINTS = 8;

/** How rows become contacts of one register. */
export interface ContactSealing {
  readonly sealer: Sealer;
  readonly key: SealKey;
  readonly importId: string;
  /** Purpose the consents of the rows are for. */
  readonly purpose: string;
}

/** A row, and which of its addresses are this contact's own (bits by index). */
export interface OwnRow {
  readonly row: PackedRow;
  readonly own: number;
}

interface OwnAddress {
  readonly address: RowAddress;
  readonly hash: Buffer;
}

/** The contact after this row; null when the row is known to it. Rows of one import add up, a newer import's row replaces what it says. */
export function applyRow(
  standing: StoredContact | undefined,
  slot: number,
  { row, own }: OwnRow,
  sealing: ContactSealing,
): StoredContact | null {
  // Keyed hash of all the row says: a row with a known one changes nothing.
  const mark = sealing.sealer.addressHash(`row ${sealing.purpose} ${row.packed}`);
  if (standing?.fingerprints.some((known) => known.equals(mark))) return null;
  const person = unpackRow(row);
  const addresses = person.addresses
    .map((address, index) => ({ address, hash: hashOf(row.keys[index] ?? '') }))
    .filter((_, index) => (own & (1 << index)) !== 0);
  return standing ? add(standing, person, addresses, mark, sealing) : create(slot, person, addresses, mark, sealing);
}

function add(
  standing: StoredContact,
  person: UnpackedRow,
  own: readonly OwnAddress[],
  mark: Buffer,
  sealing: ContactSealing,
): StoredContact {
  const sameImport = standing.importId === sealing.importId;
  const opened = standing.addresses.map((address) => open(address, sealing));
  const variables: Record<string, string> = { ...opened[0]?.variables };
  for (const name of VARIABLES) {
    const value = person.variables[name];
    if (value !== '' && !(sameImport && variables[name])) variables[name] = value;
  }
  const addresses = standing.addresses.map((address, index) => {
    const said = own.find((candidate) => candidate.hash.equals(address.hash));
    const box = seal(opened[index]?.address ?? '', variables, sealing);
    return { ...address, ...(said ? consentsAfter(address, said.address, sealing.purpose) : {}), box };
  });
  for (const candidate of own) {
    if (addresses.length < MAX_ADDRESSES && !addresses.some((address) => address.hash.equals(candidate.hash))) {
      addresses.push(newAddress(candidate, variables, sealing));
    }
  }
  return {
    ...standing,
    addresses,
    groups: [...new Set([...standing.groups, ...person.groups])].sort().slice(0, MAX_GROUPS),
    inseeCode: person.inseeCode || standing.inseeCode,
    postcode: variables['postcode'] ?? '',
    city: variables['city'] ?? '',
    position: person.position ? sealPosition(person.position, sealing) : standing.position,
    lengths: lengthsOf(variables),
    fingerprints: (sameImport ? [...standing.fingerprints, mark] : [mark]).slice(-MAX_FINGERPRINTS),
    importId: sealing.importId,
  };
}

function create(slot: number, person: UnpackedRow, own: readonly OwnAddress[], mark: Buffer, sealing: ContactSealing): StoredContact {
  const { variables, groups, inseeCode, position } = person;
  return {
    slot,
    addresses: own.map((address) => newAddress(address, variables, sealing)),
    groups: [...groups],
    inseeCode,
    postcode: variables.postcode,
    city: variables.city,
    position: position ? sealPosition(position, sealing) : Buffer.alloc(0),
    lengths: lengthsOf(variables),
    fingerprints: [mark],
    importId: sealing.importId,
  };
}

function newAddress(own: OwnAddress, variables: Readonly<Record<string, string>>, sealing: ContactSealing): StoredAddress {
  const { kind, address } = own.address;
  const bare = {
    kind,
    box: seal(address, variables, sealing),
    hash: own.hash,
    domainHash: kind === 'mailbox' ? sealing.sealer.domainHash(domainOf(address)) : Buffer.alloc(0),
    consents: [],
    refusals: [],
  };
  return { ...bare, ...consentsAfter(bare, own.address, sealing.purpose) };
}

/** What a row says of consent for its purpose; a row that says nothing leaves a refusal standing and is an agreement otherwise. */
function consentsAfter(standing: StoredAddress, said: RowAddress, purpose: string): Pick<StoredAddress, 'consents' | 'refusals'> {
  const refused = said.consent === 'refused' || (said.consent === 'unsaid' && standing.refusals.includes(purpose));
  const without = (purposes: readonly string[]): string[] => purposes.filter((candidate) => candidate !== purpose);
  return refused
    ? { consents: without(standing.consents), refusals: [...without(standing.refusals), purpose] }
    : { consents: [...without(standing.consents), purpose], refusals: without(standing.refusals) };
}

function seal(address: string, variables: Readonly<Record<string, string>>, sealing: ContactSealing): Buffer {
  const recipient = encodeMessage(SealedRecipient, { address, variables: { ...variables } });
  return sealing.sealer.seal(sealing.key, recipient);
}

export function open(address: StoredAddress, sealing: Pick<ContactSealing, 'sealer' | 'key'>): SealedRecipient {
  return SealedRecipient.decode(sealing.sealer.open(sealing.key, address.box));
}

function sealPosition(position: { readonly latitude: number; readonly longitude: number }, sealing: ContactSealing): Buffer {
  const plain = Buffer.allocUnsafe(16);
  plain.writeDoubleLE(position.latitude, 0);
  plain.writeDoubleLE(position.longitude, 8);
  return sealing.sealer.seal(sealing.key, plain);
}

/** The contact's position, undefined when it has none. */
export function openPosition(
  contact: StoredContact,
  sealing: Pick<ContactSealing, 'sealer' | 'key'>,
): { readonly latitude: number; readonly longitude: number } | undefined {
  if (contact.position.length === 0) return undefined;
  const plain = sealing.sealer.open(sealing.key, contact.position);
  return { latitude: plain.readDoubleLE(0), longitude: plain.readDoubleLE(8) };
}

function lengthsOf(variables: Readonly<Record<string, string>>): VariableLength[] {
  return VARIABLES.map((name) => ({ name, ...textLength(variables[name] ?? '') }));
}
