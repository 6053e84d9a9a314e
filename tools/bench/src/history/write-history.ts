import { derivedId, LEDGER_PARTITIONS, sliceKey } from '@tocsin/contracts';
import { partitionOf } from '@tocsin/kafka';
import { type DayLists, dayOf, type Guarded, type MongoConnection, openDayLists } from '@tocsin/mongo';
import type { PlanDocument } from '../../../../services/routing/dist/planner/plan-store.js';
import type { SliceDocument } from '../../../../services/routing/dist/planner/slice-document.js';
import { type CampaignDocument, eventsPartition, pastDocuments, type Sample, type TallyDocument } from './past-campaign.js';
import { pastLedger, type PastSend } from './past-ledger.js';
import type { PastCampaign } from './provider-history.js';
import { shapeDifference, shapeOf } from './shape.js';

/** Campaigns made and written at a time: some 10 MB of documents. */
const PAGE = 500;
/** Days after a campaign's end until its sealed parts, its plan and its recipients go: the defaults of routing and deliveries. */
const SEALED_DAYS = 3;
const PLAN_DAYS = 60;
const RECIPIENT_DAYS = 400;
const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

/** The databases of the three services a past is written into. */
export interface PastStores {
  readonly campaigns: MongoConnection;
  readonly routing: MongoConnection;
  readonly deliveries: MongoConnection;
}

export interface PastTenant {
  readonly tenantId: string;
}

/** One campaign of the past as the benchmark may ask for it. */
export interface WrittenCampaign {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly recipients: number;
  /** Unix ms. */
  readonly releasedAt: number;
  /** Ledger partitions that hold slices of it. */
  readonly partitions: readonly number[];
}

interface IdBucket extends Guarded {
  readonly ids: readonly string[];
}

/** Reads what the services wrote of a campaign that was really sent. */
export async function readSample(stores: PastStores, campaignId: string): Promise<Sample> {
  const [campaign, tally, plan, slice] = await Promise.all([
    (await stores.campaigns.documents<CampaignDocument>('campaigns')).get(campaignId),
    (await stores.campaigns.documents<TallyDocument>('tallies')).get(campaignId),
    (await stores.routing.documents<PlanDocument>('plans')).get(campaignId),
    (await stores.routing.documents<SliceDocument>('slices')).get(`${campaignId}:0`),
  ]);
  if (!campaign || !tally || !plan || !slice) throw new Error('the sample has not been sent to its end');
  return { campaign, tally, plan, slice };
}

/** Throws unless the ledger wrote a real campaign in the same shape as its past is written here. */
export async function checkLedgerShape(deliveries: MongoConnection, campaignId: string): Promise<void> {
  const partition = partitionOf(Buffer.from(sliceKey(campaignId, 0)), LEDGER_PARTITIONS);
  const slice = await (await deliveries.documents('slices')).get(sliceKey(campaignId, 0));
  const part = await (await deliveries.documents('parts')).get(`${campaignId}:${partition}`);
  const past = pastLedger({ campaignId, tenantId: 'ten_sample', recipients: 100, releasedAt: 1, expiresAt: 2, channel: 'sms' });
  for (const [real, made] of [
    [slice, past.slices[0]],
    [part, past.parts[0]],
  ]) {
    const difference = shapeDifference(shapeOf(real), shapeOf(made));
    if (difference !== '') throw new Error(`The past is written in another shape than the ledger's own: ${difference}.`);
  }
}

/** Writes the past page by page, documents, lists and the work lists of retention; answers what was written, oldest first. */
export async function writeHistory(
  stores: PastStores,
  sample: Sample,
  past: readonly PastCampaign[],
  tenants: readonly PastTenant[],
  now: number,
  say: (line: string) => void,
): Promise<WrittenCampaign[]> {
  const written: WrittenCampaign[] = [];
  const due = { ended: new DueIds(), finished: new DueIds() };
  let writing: Promise<void> = Promise.resolve();
  const ordered = inOrderOfIds(past, tenants);
  for (let from = 0; from < ordered.length; from += PAGE) {
    const page = ordered.slice(from, from + PAGE).map((named) => document(named, sample, now));
    await writing;
    writing = insertPage(stores, page);
    // Heard above; a failure while the next page is made must not count as unheard.
    writing.catch(() => undefined);
    for (const { send, ledger, sealed } of page) {
      const day = dayOf(ledger.finishedAt);
      const partitions = ledger.parts.map(({ partition }) => partition);
      for (const partition of partitions) due.ended.add(String(partition), day + RECIPIENT_DAYS, send.campaignId);
      const list = eventsPartition(send.campaignId);
      if (sealed) due.finished.add(`sealed:${list}`, day + SEALED_DAYS, send.campaignId);
      else due.finished.add(`plan:${list}`, day + SEALED_DAYS + PLAN_DAYS, send.campaignId);
      const { campaignId, tenantId, recipients, releasedAt } = send;
      written.push({ campaignId, tenantId, recipients, releasedAt, partitions });
    }
    if ((from / PAGE) % 10 === 9) say(`${from + page.length} of ${past.length} campaigns of the past.`);
  }
  await writing;
  written.sort((one, other) => one.releasedAt - other.releasedAt);
  await due.ended.write(await openDayLists(stores.deliveries, 'ended_parts'));
  await due.finished.write(await openDayLists(stores.routing, 'finished'));
  await listCampaigns(stores.campaigns, written);
  return written;
}

/** Makes the recipients of these campaigns due for removal now, as if they were older. */
export async function makeDue(deliveries: MongoConnection, campaigns: readonly WrittenCampaign[], now: number): Promise<void> {
  const due = new DueIds();
  for (const { campaignId, partitions } of campaigns)
    for (const partition of partitions) due.add(String(partition), dayOf(now) - 1, campaignId);
  await due.write(await openDayLists(deliveries, 'ended_parts'));
}

/** One collection after the other: the store takes one command at a time, and its heartbeat must find a gap. */
async function insertPage({ campaigns, routing, deliveries }: PastStores, page: readonly ReturnType<typeof document>[]): Promise<void> {
  const documents = page.map((one) => one.documents);
  const ledgers = page.map(({ ledger }) => ledger);
  await campaigns.insertMany(
    'campaigns',
    documents.map(({ campaign }) => campaign),
  );
  await campaigns.insertMany(
    'tallies',
    documents.map(({ tally }) => tally),
  );
  await routing.insertMany(
    'plans',
    documents.map(({ plan }) => plan),
  );
  await routing.insertMany(
    'slices',
    documents.flatMap(({ slices }) => slices),
  );
  await deliveries.insertMany(
    'slices',
    ledgers.flatMap(({ slices }) => slices),
  );
  await deliveries.insertMany(
    'parts',
    ledgers.flatMap(({ parts }) => parts),
  );
}

interface Named {
  readonly campaign: PastCampaign;
  readonly campaignId: string;
  readonly tenantId: string;
}

/** So that the store fills page after page; written in any other order each commit would write a page of its tree for each document. */
function inOrderOfIds(past: readonly PastCampaign[], tenants: readonly PastTenant[]): Named[] {
  const named = past.map((campaign, number) => {
    const tenantId = tenants[campaign.tenant]?.tenantId ?? '';
    return { campaign, tenantId, campaignId: derivedId('cmp', tenantId, `past-${number}`) };
  });
  return named.toSorted((one, other) => (one.campaignId < other.campaignId ? -1 : 1));
}

function document({ campaign, campaignId, tenantId }: Named, sample: Sample, now: number) {
  const { recipients, releasedAt } = campaign;
  const send: PastSend = { campaignId, tenantId, recipients, releasedAt, expiresAt: releasedAt + 4 * HOUR_MS, channel: 'sms' };
  const ledger = pastLedger(send);
  // A day less than it is kept: retention must find nothing to do before the benchmark asks for it.
  const sealed = ledger.finishedAt > now - (SEALED_DAYS - 1) * DAY_MS;
  return { send, ledger, sealed, documents: pastDocuments(sample, send, ledger, `prn_past_${campaign.tenant}`, sealed) };
}

/** Before what the tenant's own list holds already, which is younger. */
async function listCampaigns(campaigns: MongoConnection, written: readonly WrittenCampaign[]): Promise<void> {
  const buckets = await campaigns.documents<IdBucket>('lists');
  for (const [tenantId, own] of Map.groupBy(written, (campaign) => campaign.tenantId)) {
    const _id = `${tenantId}:0`;
    const ids = own.map(({ campaignId }) => campaignId);
    const standing = await buckets.get(_id);
    const stored = standing
      ? await buckets.replace({ ...standing, ids: [...ids, ...standing.ids] })
      : await buckets.insert({ _id, v: 1, ids });
    if (!stored) throw new Error('somebody else writes into the lists of the past');
  }
}

/** Ids to be put into lists by day, gathered so that each bucket is written once. */
class DueIds {
  private readonly lists = new Map<string, { readonly list: string; readonly day: number; readonly ids: string[] }>();

  add(list: string, day: number, id: string): void {
    const key = `${list} ${day}`;
    const known = this.lists.get(key);
    if (known) known.ids.push(id);
    else this.lists.set(key, { list, day, ids: [id] });
  }

  async write(into: DayLists): Promise<void> {
    for (const { list, day, ids } of this.lists.values()) await into.add(list, day, ids);
  }
}
