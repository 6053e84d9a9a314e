import { setTimeout as pause } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import type { Documents, Guarded } from '@tocsin/mongo';
import type { Page } from './pages.js';
import { pagesOf } from './scope.js';

/** What one page holds, as of one of its versions. */
export interface PageSummary {
  readonly page: number;
  readonly version: number;
  readonly contacts: number;
  readonly groups: readonly { readonly group: string; readonly contacts: number }[];
}

export interface SummaryDocument extends Guarded {
  readonly pages: readonly PageSummary[];
}

/** Pages of one summary document: a register of 150,000 has six. */
const PAGES_EACH = 100;
/** Groups answered at most, the largest first. */
const MAX_GROUPS = 1_000;
const MAX_LOST_GUARDS = 30;
const LOST_GUARD_PAUSE_MS = 5;

/** Counts of a register, set absolutely per page (never counted up), so that whoever reads a page can mend them. */
export class Summaries {
  constructor(private readonly documents: Documents<SummaryDocument>) {}

  /** Sets the counts of these pages where they are older. */
  async set(scope: string, summaries: readonly PageSummary[]): Promise<void> {
    const byDocument = new Map<number, PageSummary[]>();
    for (const summary of summaries) {
      const index = Math.floor(summary.page / PAGES_EACH);
      byDocument.set(index, [...(byDocument.get(index) ?? []), summary]);
    }
    for (const [index, own] of byDocument) await this.merge(`${scope}:${index}`, own);
  }

  async total(scope: string, places: number): Promise<{ contacts: number; groups: { group: string; contacts: number }[] }> {
    const documents = Math.ceil(pagesOf(places) / PAGES_EACH);
    const groups = new Map<string, number>();
    let contacts = 0;
    for (let index = 0; index < documents; index += 1) {
      const document = await this.documents.get(`${scope}:${index}`);
      for (const page of document?.pages ?? []) {
        contacts += page.contacts;
        for (const { group, contacts: count } of page.groups) groups.set(group, (groups.get(group) ?? 0) + count);
      }
    }
    const sorted = [...groups].filter(([, count]) => count > 0).sort(([one, a], [other, b]) => b - a || one.localeCompare(other, 'fr'));
    return { contacts, groups: sorted.slice(0, MAX_GROUPS).map(([group, count]) => ({ group, contacts: count })) };
  }

  private async merge(id: string, summaries: readonly PageSummary[]): Promise<void> {
    for (let lost = 0; lost < MAX_LOST_GUARDS; lost += 1) {
      if (lost > 0) await pause(Math.random() * LOST_GUARD_PAUSE_MS * lost);
      const document = await this.documents.get(id);
      const pages = new Map((document?.pages ?? []).map((summary) => [summary.page, summary]));
      const newer = summaries.filter((summary) => summary.version > (pages.get(summary.page)?.version ?? 0));
      if (newer.length === 0) return;
      for (const summary of newer) pages.set(summary.page, summary);
      const merged = { _id: id, v: document?.v ?? 1, pages: [...pages.values()] };
      if (document ? await this.documents.replace(merged) : await this.documents.insert(merged)) return;
    }
    throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others write the same register at the same time; try again.');
  }
}

export function summarise(page: Page): PageSummary {
  const groups = new Map<string, number>();
  for (const contact of page.contacts) for (const group of contact.groups) groups.set(group, (groups.get(group) ?? 0) + 1);
  return {
    page: page.number,
    version: page.version,
    contacts: page.contacts.length,
    groups: [...groups].map(([group, contacts]) => ({ group, contacts })),
  };
}
