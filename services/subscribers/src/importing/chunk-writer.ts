import type { StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import { TocsinError } from '@tocsin/errors';
import type { RowVerdict } from '../csv/verdict.js';
import { KIND_BIT, findClaims, keyOf, takeClaims, type Claim, type Owner } from '../register/claims.js';
import type { HashBuckets } from '../register/hash-buckets.js';
import type { Heads } from '../register/heads.js';
import type { Page, Pages } from '../register/pages.js';
import { pageOf, slotOf } from '../register/scope.js';
import { applyRow, type ContactSealing } from '../register/sealed-contact.js';
import { summarise, type PageSummary, type Summaries } from '../register/summaries.js';
import { LANES, tenantOf } from '../turns/lanes.js';
import { sideBySide } from '../turns/side-by-side.js';
import { Slices } from '../turns/slices.js';
import type { PackedRow } from './packed-row.js';
import { RowResolver, type Target } from './resolve-rows.js';

export interface ChunkParts {
  readonly heads: Heads;
  readonly buckets: HashBuckets;
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
  rows: readonly PackedRow[],
  sealing: ContactSealing,
  parts: ChunkParts,
): Promise<{ readonly counts: ChunkCounts; readonly verdicts: readonly RowVerdict[] }> {
  const claims = await findClaims(parts.buckets, scope, new Set(rows.flatMap((row) => row.keys)));
  const resolver = new RowResolver(claims);
  const slices = new Slices(LANES.file, tenantOf(scope));
  for (const row of rows) {
    resolver.take(row);
    await slices.breathe();
  }
  const { targets, verdicts } = resolver;
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
  const wanted = fresh.map((target, index) => ({ key: firstKey(target), place: first + index, kinds: target.kinds }));
  const others = await takeClaims(parts.buckets, scope, wanted);
  fresh.forEach((target, index) => {
    target.place = others.get(firstKey(target))?.place ?? first + index;
  });
}

/** The address that names a new contact: the first of its first row that is its own. */
function firstKey({ rows }: Target): string {
  const [first] = rows;
  return first?.row.keys.find((_, index) => (first.own & (1 << index)) !== 0) ?? '';
}

/** Claims what is not claimed yet and tells the claims of contacts that gained a kind of address; answers the addresses that others took meanwhile. */
async function claimOthers(
  scope: string,
  targets: readonly Target[],
  known: ReadonlyMap<string, Owner>,
  parts: ChunkParts,
): Promise<ReadonlyMap<string, Owner>> {
  const wanted = new Map<string, Claim>();
  for (const target of targets) {
    const { place, kinds, kindsBefore, rows } = target;
    if (place === undefined) continue;
    const named = kindsBefore === 0 ? firstKey(target) : '';
    for (const { row, own } of rows) {
      row.keys.forEach((key, index) => {
        const settled = key === named || (known.has(key) && kinds === kindsBefore);
        if ((own & (1 << index)) !== 0 && !settled) wanted.set(key, { key, place, kinds });
      });
    }
  }
  return wanted.size > 0 ? takeClaims(parts.buckets, scope, [...wanted.values()]) : new Map();
}

async function writePages(
  scope: string,
  targets: readonly Target[],
  lost: ReadonlyMap<string, Owner>,
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
  const slices = new Slices(LANES.file, tenantOf(scope));
  await sideBySide([...byPage], PAGES_AT_ONCE, async ([number, own]) => {
    for (let tries = 0; tries < MAX_LOST_GUARDS; tries += 1) {
      const fetched = await parts.pages.fetch(scope, number);
      // Decoding a page, sealing its contacts and encoding it again is about a slice.
      await slices.turn();
      const page = fetched();
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
  lost: ReadonlyMap<string, Owner>,
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
    for (const { row, own, merged } of rows) {
      const standing = contacts.get(slot);
      const kept = lost.size === 0 ? own : row.keys.reduce((bits, key, index) => (lost.has(key) ? bits & ~(1 << index) : bits), own);
      const after = standing || kept !== 0 ? applyRow(standing, slot, { row, own: kept }, sealing) : null;
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
      grown.push(...before.addresses.map(({ hash }) => ({ key: keyOf(hash), place, kinds: kindsOf(after) })));
    }
  }
  const written = new Set(targets.map(({ place = 0 }) => slotOf(place)));
  const erasures = changed ? page.erasures.filter((erasure) => !written.has(erasure.slot)) : page.erasures;
  return { page: { ...page, contacts: [...contacts.values()], erasures }, changed, counts, grown };
}

function kindsOf(contact: StoredContact): number {
  return contact.addresses.reduce((bits, { kind }) => bits | (kind in KIND_BIT ? KIND_BIT[kind as keyof typeof KIND_BIT] : 0), 0);
}
