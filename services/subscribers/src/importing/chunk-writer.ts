import type { StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import { TocsinError } from '@tocsin/errors';
import type { RowVerdict } from '../csv/verdict.js';
import { KIND_BIT, findClaims, hashKey, takeClaims, type Claim } from '../register/claims.js';
import type { HashBuckets } from '../register/hash-buckets.js';
import type { Heads } from '../register/heads.js';
import type { Page, Pages } from '../register/pages.js';
import { pageOf, slotOf } from '../register/scope.js';
import { applyRow, type ContactSealing } from '../register/sealed-contact.js';
import { summarise, type PageSummary, type Summaries } from '../register/summaries.js';
import { Slices, sideBySide } from '../slices.js';
import { resolveRows, type ReadRow, type Target } from './resolve-rows.js';

export interface ChunkParts {
  readonly heads: Heads;
  readonly buckets: HashBuckets<Claim>;
  readonly pages: Pages;
  readonly summaries: Summaries;
}

export interface ChunkCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly merged: number;
}

/** Pages read, sealed and written at once: bounds the memory of a chunk and leaves the store turns for others. */
const PAGES_AT_ONCE = 4;
/** Lost guards on one page before giving up. */
const MAX_LOST_GUARDS = 30;

/**
 * Writes one chunk of rows into a register. Order: find who has the addresses; claim the address that names each new contact, then its others (two rounds, so that two imports
 * of the same rows meet on the first address and agree on one place); write the contacts into their places. A crash after a claim leaves a place without
 * its contact, and the next import of the row writes the contact into the place claimed.
 */
export async function writeChunk(
  scope: string,
  rows: readonly ReadRow[],
  sealing: ContactSealing,
  parts: ChunkParts,
): Promise<{ readonly counts: ChunkCounts; readonly verdicts: readonly RowVerdict[] }> {
  const hashes = new Map(rows.flatMap((row) => row.addresses.map(({ hash }) => [hashKey(hash), hash] as const)));
  const claims = await findClaims(parts.buckets, scope, [...hashes.values()]);
  const { targets, verdicts } = resolveRows(rows, claims);
  await claimFirst(scope, targets, parts);
  const lost = await claimOthers(scope, targets, claims, parts);
  const counts = await writePages(scope, targets, lost, sealing, parts);
  return { counts, verdicts };
}

/** New contacts get places and claim the first address of their first row; who lost it to another import takes the winner's place. */
async function claimFirst(scope: string, targets: readonly Target[], parts: ChunkParts): Promise<void> {
  const fresh = targets.filter((target) => target.place === undefined);
  if (fresh.length === 0) return;
  const first = await parts.heads.reserve(scope, fresh.length);
  const wanted = fresh.map((target, index) => {
    const hash = target.rows[0]?.row.addresses[0]?.hash ?? Buffer.alloc(0);
    return { hash, place: first + index, kinds: target.kinds };
  });
  const owners = await takeClaims(parts.buckets, scope, wanted);
  wanted.forEach((claim, index) => {
    const target = fresh[index];
    if (target) target.place = owners.get(hashKey(claim.hash))?.place ?? claim.place;
  });
}

/** Claims what is not claimed yet and tells the claims of contacts that gained a kind of address; answers the addresses that others took meanwhile, with their place. */
async function claimOthers(
  scope: string,
  targets: readonly Target[],
  known: ReadonlyMap<string, Claim>,
  parts: ChunkParts,
): Promise<ReadonlyMap<string, number>> {
  const wanted: Claim[] = [];
  for (const { place, kinds, kindsBefore, rows } of targets) {
    if (place === undefined) continue;
    const seen = new Set<string>();
    rows.forEach(({ row }, rowIndex) =>
      row.addresses.forEach(({ hash }, index) => {
        const key = hashKey(hash);
        const named = kindsBefore === 0 && rowIndex === 0 && index === 0;
        const settled = known.has(key) && kinds === kindsBefore;
        if (!seen.has(key) && !named && !settled) wanted.push({ hash, place, kinds });
        seen.add(key);
      }),
    );
  }
  if (wanted.length === 0) return new Map();
  const owners = await takeClaims(parts.buckets, scope, wanted);
  const lost = new Map<string, number>();
  for (const claim of wanted) {
    const key = hashKey(claim.hash);
    const owner = owners.get(key);
    if (owner && owner.place !== claim.place) lost.set(key, owner.place);
  }
  return lost;
}

async function writePages(
  scope: string,
  targets: readonly Target[],
  lost: ReadonlyMap<string, number>,
  sealing: ContactSealing,
  parts: ChunkParts,
): Promise<ChunkCounts> {
  const byPage = new Map<number, Target[]>();
  for (const target of targets) {
    if (target.place === undefined) continue;
    const page = pageOf(target.place);
    const own = byPage.get(page);
    if (own) own.push(target);
    else byPage.set(page, [target]);
  }
  const total = { created: 0, updated: 0, unchanged: 0, merged: 0 };
  const summaries: PageSummary[] = [];
  const grown: Claim[] = [];
  const slices = new Slices();
  await sideBySide([...byPage], PAGES_AT_ONCE, async ([number, own]) => {
    for (let tries = 0; tries < MAX_LOST_GUARDS; tries += 1) {
      const page = await parts.pages.get(scope, number);
      const change = await applyTargets(page, own, lost, sealing, slices);
      const version = change.changed ? await parts.pages.put(scope, change.page) : page.version;
      if (version === null) continue;
      for (const key of ['created', 'updated', 'unchanged', 'merged'] as const) total[key] += change.counts[key];
      summaries.push(summarise({ ...change.page, version }));
      grown.push(...change.grown);
      return;
    }
    throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others write the same page of the register; try again.');
  });
  await parts.summaries.set(scope, summaries);
  if (grown.length > 0) await takeClaims(parts.buckets, scope, grown);
  return total;
}

interface PageChange {
  readonly page: Page;
  readonly changed: boolean;
  readonly counts: ChunkCounts;
  /** Claims of addresses the rows did not name, whose contact gained a kind. */
  readonly grown: readonly Claim[];
}

async function applyTargets(
  page: Page,
  targets: readonly Target[],
  lost: ReadonlyMap<string, number>,
  sealing: ContactSealing,
  slices: Slices,
): Promise<PageChange> {
  const contacts = new Map<number, StoredContact>(page.contacts.map((contact) => [contact.slot, contact]));
  const counts = { created: 0, updated: 0, unchanged: 0, merged: 0 };
  const grown: Claim[] = [];
  let changed = false;
  for (const { place = 0, rows } of targets) {
    await slices.breathe();
    const slot = slotOf(place);
    const before = contacts.get(slot);
    for (const { row, merged } of rows) {
      const standing = contacts.get(slot);
      const addresses = row.addresses.filter(({ hash }) => (lost.get(hashKey(hash)) ?? place) === place);
      const after = standing || addresses.length > 0 ? applyRow(standing, slot, { ...row, addresses }, sealing) : null;
      if (after) {
        contacts.set(slot, after);
        changed = true;
      }
      if (merged) counts.merged += 1;
      else if (!after) counts.unchanged += 1;
      else if (standing) counts.updated += 1;
      else counts.created += 1;
    }
    const after = contacts.get(slot);
    if (before && after && kindsOf(after) !== kindsOf(before)) {
      grown.push(...before.addresses.map(({ hash }) => ({ hash, place, kinds: kindsOf(after) })));
    }
  }
  const written = new Set(targets.map(({ place = 0 }) => slotOf(place)));
  const erasures = changed ? page.erasures.filter((erasure) => !written.has(erasure.slot)) : page.erasures;
  return { page: { ...page, contacts: [...contacts.values()], erasures }, changed, counts, grown };
}

function kindsOf(contact: StoredContact): number {
  return contact.addresses.reduce((bits, { kind }) => bits | (kind in KIND_BIT ? KIND_BIT[kind as keyof typeof KIND_BIT] : 0), 0);
}
