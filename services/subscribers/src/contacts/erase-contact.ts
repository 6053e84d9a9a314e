import { setTimeout as pause } from 'node:timers/promises';
import { PAGE_SIZE, parseContactId } from '@tocsin/contracts';
import { TocsinError, notFound } from '@tocsin/errors';
import { keyOf, releaseClaims } from '../register/claims.js';
import type { HashBuckets } from '../register/hash-buckets.js';
import type { Page, Pages } from '../register/pages.js';
import { summarise, type Summaries } from '../register/summaries.js';

export interface EraseParts {
  readonly buckets: HashBuckets;
  readonly pages: Pages;
  readonly summaries: Summaries;
}

/** What is to be erased, at rest. */
export interface EraseIntent {
  readonly scope: string;
  readonly contactId: string;
}

const MAX_LOST_GUARDS = 30;
const LOST_GUARD_PAUSE_MS = 5;

/**
 * Erases a contact in three writes: its slot is emptied, keeping the hashes of its addresses as still to be released; the claims are released; the hashes are forgotten. The
 * place is never given out again, and a STOP keeps its own hash. Repeating it after a crash finishes it; NOT_FOUND when there is nothing left to do.
 */
export async function eraseContact({ scope, contactId }: EraseIntent, parts: EraseParts): Promise<void> {
  const place = parseContactId(contactId);
  if (!place || place.slot >= PAGE_SIZE) throw notFound('Contact');
  const { slot } = place;
  let found = false;
  const emptied = await change(scope, place.page, parts, (page) => {
    const contact = page.contacts.find((candidate) => candidate.slot === slot);
    found ||= contact !== undefined || page.erasures.some((erasure) => erasure.slot === slot);
    if (!contact) return null;
    const hashes = contact.addresses.map((address) => address.hash);
    return {
      ...page,
      contacts: page.contacts.filter((candidate) => candidate !== contact),
      erasures: [...page.erasures, { slot, hashes }],
    };
  });
  if (!found) throw notFound('Contact');
  const owed = emptied.erasures.filter((erasure) => erasure.slot === slot).flatMap((erasure) => erasure.hashes);
  if (owed.length > 0) await releaseClaims(parts.buckets, scope, owed.map(keyOf), place.page * PAGE_SIZE + slot);
  await change(scope, place.page, parts, (page) => {
    const erasures = page.erasures.filter((erasure) => erasure.slot !== slot);
    return erasures.length < page.erasures.length ? { ...page, erasures } : null;
  });
}

/** Changes one page guarded and sets its counts; answers the page as it then stands. */
async function change(scope: string, number: number, parts: EraseParts, decide: (page: Page) => Page | null): Promise<Page> {
  for (let lost = 0; lost < MAX_LOST_GUARDS; lost += 1) {
    if (lost > 0) await pause(Math.random() * LOST_GUARD_PAUSE_MS * lost);
    const page = await parts.pages.get(scope, number);
    const changed = decide(page);
    const version = changed ? await parts.pages.put(scope, changed) : page.version;
    if (version === null) continue;
    const standing = { ...(changed ?? page), version };
    if (version > 0) await parts.summaries.set(scope, [summarise(standing)]);
    return standing;
  }
  throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others write the same page of the register; try again.');
}
