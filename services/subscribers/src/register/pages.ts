import { encodeMessage } from '@tocsin/contracts';
import { StoredPage, type StoredContact, type StoredErasure } from '@tocsin/contracts/subscribers/v1/stored_page';
import type { Documents, Guarded } from '@tocsin/mongo';
import { pageId } from './scope.js';

/** A page of 250 contacts, packed in one field because the store pays per field. */
export interface PageDocument extends Guarded {
  readonly body: Buffer;
}

/** A page as read; version 0 = not written yet. */
export interface Page {
  readonly number: number;
  readonly version: number;
  readonly contacts: readonly StoredContact[];
  readonly erasures: readonly StoredErasure[];
}

export class Pages {
  constructor(private readonly documents: Documents<PageDocument>) {}

  async get(scope: string, number: number): Promise<Page> {
    return (await this.fetch(scope, number))();
  }

  /** The page as it lies in the store; the answer decodes it, some milliseconds of computing that whoever reads many takes in turn. */
  async fetch(scope: string, number: number): Promise<() => Page> {
    const document = await this.documents.get(pageId(scope, number));
    if (!document) return () => ({ number, version: 0, contacts: [], erasures: [] });
    return () => {
      const { contacts, erasures } = StoredPage.decode(document.body);
      return { number, version: document.v, contacts, erasures };
    };
  }

  /** Writes the page over the version it was read at; answers the new version, or null when somebody else wrote first. */
  async put(scope: string, page: Page): Promise<number | null> {
    const contacts = page.contacts.toSorted((one, other) => one.slot - other.slot);
    const body = encodeMessage(StoredPage, { contacts, erasures: [...page.erasures] });
    const document: PageDocument = { _id: pageId(scope, page.number), v: Math.max(page.version, 1), body };
    const written = page.version === 0 ? await this.documents.insert(document) : await this.documents.replace(document);
    return written ? page.version + 1 : null;
  }
}
