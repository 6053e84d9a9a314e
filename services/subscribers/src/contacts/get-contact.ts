import { parseContactId } from '@tocsin/contracts';
import type { Contact, GetContactRequest } from '@tocsin/contracts/subscribers/v1/registers_service';
import { notFound } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import type { Sealer } from '@tocsin/sealing';
import type { Heads } from '../register/heads.js';
import type { Pages } from '../register/pages.js';
import { registerScope } from '../register/scope.js';
import { open, openPosition } from '../register/sealed-contact.js';
import type { Suppressions } from '../suppressions/suppressions.js';

export interface ContactParts {
  readonly heads: Heads;
  readonly pages: Pages;
  readonly suppressions: Suppressions;
  readonly sealer: Sealer;
  readonly logger: Logger;
}

/** Opens one contact's seals; who did it is logged, never what was read. */
export async function getContact(request: GetContactRequest, parts: ContactParts, principalId: string): Promise<Contact> {
  const place = parseContactId(request.contactId);
  const scope = registerScope(request.tenantId, request.register);
  const head = await parts.heads.get(scope);
  if (!place || !head) throw notFound('Contact');
  const page = await parts.pages.get(scope, place.page);
  const stored = page.contacts.find((contact) => contact.slot === place.slot);
  if (!stored) throw notFound('Contact');
  parts.logger.info('audit.contact-opened', { tenantId: request.tenantId, principalId, contactId: request.contactId });
  const sealing = { sealer: parts.sealer, key: head.sealKey };
  const opened = stored.addresses.map((address) => open(address, sealing));
  const addresses = await Promise.all(
    stored.addresses.map(async ({ kind, hash, consents }, index) => ({
      channel: kind,
      address: opened[index]?.address ?? '',
      consented: consents.length > 0,
      stopped: (await parts.suppressions.channelsStopped(request.tenantId, hash)).length > 0,
    })),
  );
  return {
    contactId: request.contactId,
    fields: { ...opened[0]?.variables, insee_code: stored.inseeCode },
    addresses,
    groups: stored.groups,
    position: openPosition(stored, sealing),
  };
}
