import { textLength } from '@tocsin/contracts';
import { SealedRecipient, type SealKey, type VariableLength } from '@tocsin/contracts/common/v1/common';
import type { StoredAddress, StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import type { Sealer } from '@tocsin/sealing';
import { domainOf } from '../csv/mailbox.js';
import { MAX_ADDRESSES, MAX_GROUPS, VARIABLES, type PersonRow, type RowAddress } from '../csv/person-row.js';

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

/** A row with its addresses' hashes; `addresses` are those that are this contact's own. */
export interface HashedRow {
  readonly person: PersonRow;
  readonly addresses: readonly { readonly address: RowAddress; readonly hash: Buffer }[];
}

/** Keyed hash of all a row says: a row with a known one changes nothing. */
export function fingerprint(row: PersonRow, sealing: ContactSealing): Buffer {
  const { variables, inseeCode, groups, position, addresses } = row;
  const said = [VARIABLES.map((name) => variables[name]), inseeCode, groups, position ? [position.latitude, position.longitude] : null];
  const reached = addresses.map(({ kind, address, consent }) => [kind, address, consent]);
  return sealing.sealer.addressHash(`row ${JSON.stringify([sealing.purpose, ...said, reached])}`);
}

/** The contact after this row; null when the row is known to it. Rows of one import add up, a newer import's row replaces what it says. */
export function applyRow(standing: StoredContact | undefined, slot: number, row: HashedRow, sealing: ContactSealing): StoredContact | null {
  const mark = fingerprint(row.person, sealing);
  if (!standing) return create(slot, row, mark, sealing);
  if (standing.fingerprints.some((known) => known.equals(mark))) return null;
  const sameImport = standing.importId === sealing.importId;
  const opened = standing.addresses.map((address) => open(address, sealing));
  const variables: Record<string, string> = { ...opened[0]?.variables };
  for (const name of VARIABLES) {
    const value = row.person.variables[name];
    if (value !== '' && !(sameImport && variables[name])) variables[name] = value;
  }
  const addresses = standing.addresses.map((address, index) => {
    const said = row.addresses.find((candidate) => candidate.hash.equals(address.hash));
    const box = seal(opened[index]?.address ?? '', variables, sealing);
    return { ...address, ...(said ? consentsAfter(address, said.address, sealing.purpose) : {}), box };
  });
  for (const own of row.addresses) {
    if (addresses.length < MAX_ADDRESSES && !addresses.some((address) => address.hash.equals(own.hash))) {
      addresses.push(newAddress(own, variables, sealing));
    }
  }
  const { inseeCode, position } = row.person;
  return {
    ...standing,
    addresses,
    groups: [...new Set([...standing.groups, ...row.person.groups])].sort().slice(0, MAX_GROUPS),
    inseeCode: inseeCode || standing.inseeCode,
    postcode: variables['postcode'] ?? '',
    city: variables['city'] ?? '',
    position: position ? sealPosition(position, sealing) : standing.position,
    lengths: lengthsOf(variables),
    fingerprints: (sameImport ? [...standing.fingerprints, mark] : [mark]).slice(-MAX_FINGERPRINTS),
    importId: sealing.importId,
  };
}

function create(slot: number, row: HashedRow, mark: Buffer, sealing: ContactSealing): StoredContact {
  const { variables, groups, inseeCode, position } = row.person;
  return {
    slot,
    addresses: row.addresses.map((own) => newAddress(own, variables, sealing)),
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

function newAddress(
  own: { readonly address: RowAddress; readonly hash: Buffer },
  variables: Readonly<Record<string, string>>,
  sealing: ContactSealing,
): StoredAddress {
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
  const recipient = SealedRecipient.encode({ address, variables: { ...variables } }).finish();
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
