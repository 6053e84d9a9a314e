import { parseContactId } from '@tocsin/contracts';
import type { GeoPoint } from '@tocsin/contracts/common/v1/common';
import type { Audience } from '@tocsin/contracts/subscribers/v1/audience';
import type { StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import { invalidArgument, type FieldViolation } from '@tocsin/errors';
import { compileZone } from './zone.js';

/** Whether the rule takes a contact; NOT_LOCATABLE = it would, had the contact a position to hold against the zone. */
export type Selected = 'yes' | 'no' | 'NOT_LOCATABLE';

export interface Rule {
  select(contact: StoredContact, contactId: string, position: () => GeoPoint | undefined): Selected;
}

/** Attributes a rule may name, by how a contact keeps them. */
const ATTRIBUTES: Readonly<Record<string, (contact: StoredContact) => string>> = {
  insee_code: (contact) => contact.inseeCode,
  postcode: (contact) => contact.postcode,
  city: (contact) => contact.city,
};

/** Bounds of a rule: what a person could have meant. */
const MAX_GROUPS = 200;
const MAX_VALUES = 1_000;
const MAX_EXCLUDED_CONTACTS = 10_000;

/** Checks a rule and answers its test. A rule that says nothing is refused; only `everyone` means everyone. */
export function compileRule(audience: Audience | undefined): Rule {
  if (!audience) throw invalidArgument([{ field: 'audience', description: 'must be given' }], 'INVALID_AUDIENCE');
  const violations: FieldViolation[] = [];
  const { groups, attributes, excludeGroups, excludeContactIds, everyone } = audience;
  if (!everyone && groups.length === 0 && attributes.length === 0 && !audience.zone) {
    violations.push({ field: 'audience', description: 'selects nothing: give groups, attributes or a zone, or say everyone' });
  }
  for (const [field, names] of [
    ['groups', groups],
    ['exclude_groups', excludeGroups],
  ] as const) {
    if (names.length > MAX_GROUPS || names.includes('')) {
      violations.push({ field: `audience.${field}`, description: `must be at most ${MAX_GROUPS} names, none empty` });
    }
  }
  for (const { attribute, values } of attributes) {
    if (!Object.hasOwn(ATTRIBUTES, attribute)) {
      violations.push({ field: 'audience.attributes', description: `must be one of ${Object.keys(ATTRIBUTES).join(', ')}` });
    } else if (values.length === 0 || values.length > MAX_VALUES || values.includes('')) {
      violations.push({ field: 'audience.attributes', description: `${attribute} must have 1 to ${MAX_VALUES} values, none empty` });
    }
  }
  if (excludeContactIds.length > MAX_EXCLUDED_CONTACTS || excludeContactIds.some((id) => !parseContactId(id))) {
    violations.push({ field: 'audience.exclude_contact_ids', description: `must be at most ${MAX_EXCLUDED_CONTACTS} contact ids` });
  }
  if (violations.length > 0) throw invalidArgument(violations, 'INVALID_AUDIENCE');

  const zone = audience.zone && compileZone(audience.zone);
  const wanted = new Set(groups);
  const unwanted = new Set(excludeGroups);
  const excluded = new Set(excludeContactIds);
  const matches = attributes.map(({ attribute, values }) => ({ read: ATTRIBUTES[attribute], values: new Set(values) }));
  return {
    select(contact, contactId, position) {
      if (excluded.has(contactId) || contact.groups.some((group) => unwanted.has(group))) return 'no';
      if (wanted.size > 0 && !contact.groups.some((group) => wanted.has(group))) return 'no';
      if (!matches.every(({ read, values }) => read !== undefined && values.has(read(contact)))) return 'no';
      if (!zone) return 'yes';
      const at = position();
      if (!at) return 'NOT_LOCATABLE';
      return zone(at) ? 'yes' : 'no';
    },
  };
}
