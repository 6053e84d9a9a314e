import { plainDocument, type RawDocument } from '@tocsin/mongo';
import { TOPICS } from '@tocsin/contracts';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import type { JournalRecord } from '@tocsin/kafka';

/** Topics whose records say what an aggregate decided, and where that aggregate is. */
const AGGREGATES: Readonly<Record<string, string>> = {
  [TOPICS.campaignEvents.name]: 'campaigns/campaigns',
  [TOPICS.campaignStops.name]: 'campaigns/campaigns',
  [TOPICS.tenantEvents.name]: 'tenants/tenants',
  [TOPICS.operatorControls.name]: 'tenants/controls',
};

/**
 * The version of each aggregate as restored. Events were copied a moment after their aggregates: what an event says of a version that was not copied
 * has not happened, and must not be heard.
 */
export class KnownVersions {
  private readonly versions = new Map<string, number>();

  /** Notes the versions of a page of documents. */
  note(database: string, collection: string, documents: readonly RawDocument[]): void {
    const name = `${database}/${collection}`;
    if (!Object.values(AGGREGATES).includes(name)) return;
    for (const raw of documents) {
      const { _id, version } = plainDocument<{ readonly _id: string; readonly version: number }>(raw);
      this.versions.set(`${name}/${_id}`, version);
    }
  }

  /** Whether the record may be heard by a restored platform. */
  knows(topic: string, { key, value }: JournalRecord): boolean {
    const aggregate = AGGREGATES[topic];
    if (aggregate === undefined || value === null) return true;
    // All controls are one aggregate, and a restore's own record is none of it.
    const id = aggregate === 'tenants/controls' ? 'platform' : String(key);
    const version = this.versions.get(`${aggregate}/${id}`) ?? 0;
    return String(key) === 'restored' || Envelope.decode(value).epoch <= version;
  }
}
