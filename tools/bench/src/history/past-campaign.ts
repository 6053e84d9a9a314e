import { randomBytes } from 'node:crypto';
import { contactId, PAGE_SIZE, TOPICS } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import type { AudienceContact } from '@tocsin/contracts/subscribers/v1/audience';
import { partitionOf } from '@tocsin/kafka';
import type { Guarded } from '@tocsin/mongo';
import type { PlanDocument } from '../../../../services/routing/dist/planner/plan-store.js';
import { SliceBuilder } from '../../../../services/routing/dist/planner/slice-builder.js';
import { sealKeyOf, type SliceDocument, sliceDocument } from '../../../../services/routing/dist/planner/slice-document.js';
import type { PastLedger, PastSend } from './past-ledger.js';

/** Bytes of a sealed address with its variables, of a keyed hash. */
const BOX_BYTES = 120;
const HASH_BYTES = 32;

type Fields = Readonly<Record<string, unknown>>;

/** A campaign document of the service; what is in it beside this is taken over as it is. */
export interface CampaignDocument extends Guarded {
  readonly state: Fields & { readonly campaign: Fields };
}

export interface TallyDocument extends Guarded {
  readonly tenantId: string;
  readonly parts: readonly Buffer[];
}

/** The documents of one campaign that was really sent to its end: whatever the services write, the past is written alike. */
export interface Sample {
  readonly campaign: CampaignDocument;
  readonly tally: TallyDocument;
  readonly plan: PlanDocument;
  readonly slice: SliceDocument;
}

export interface PastDocuments {
  readonly campaign: CampaignDocument;
  readonly tally: TallyDocument;
  readonly plan: PlanDocument;
  readonly slices: readonly SliceDocument[];
}

/** What campaigns and routing hold of a campaign of the past; `sealed`: its slices with the sealed addresses are still there. */
export function pastDocuments(sample: Sample, send: PastSend, ledger: PastLedger, authorId: string, sealed: boolean): PastDocuments {
  const { campaignId, tenantId, recipients, releasedAt, expiresAt } = send;
  const times = { createdAt: releasedAt - 60_000, releasedAt, finishedAt: ledger.finishedAt, expiresAt };
  const fields = { campaignId, tenantId, authorId, estimatedRecipients: recipients };
  const released = CampaignReleased.decode(sample.plan.release);
  if (!released.campaign) throw new Error('the sample was not released');
  Object.assign(released.campaign, fields, { ...times, finishedAt: 0 });
  const slices = sealed ? sealedSlices(send, sample) : [];
  const closed = { slices: ledger.slices.length, recipients, notReachable: [] };
  return {
    campaign: {
      ...sample.campaign,
      _id: campaignId,
      state: { ...sample.campaign.state, campaign: { ...sample.campaign.state.campaign, ...fields, ...times } },
    },
    tally: {
      ...sample.tally,
      _id: campaignId,
      tenantId,
      parts: ledger.tallies.map((part) => Buffer.from(TallyPart.encode(part).finish())),
    },
    plan: {
      ...sample.plan,
      _id: campaignId,
      release: Buffer.from(CampaignReleased.encode(released).finish()),
      acked: closed.slices,
      closed,
      ...(sealed ? {} : { trimmed: true }),
    },
    slices,
  };
}

/** The partition of the campaigns' events, which names the list of routing's retention. */
export function eventsPartition(campaignId: string): number {
  return partitionOf(Buffer.from(campaignId), TOPICS.campaignEvents.partitions);
}

function sealedSlices({ campaignId, tenantId, recipients, expiresAt, channel }: PastSend, sample: Sample): SliceDocument[] {
  const builder = new SliceBuilder([{ channel, cost: () => 1 }], Mode.PARALLEL, { position: '', total: 0, notReachable: [] }, true);
  const sealKey = sealKeyOf(sample.slice);
  const pages = Math.ceil(recipients / PAGE_SIZE);
  const cut = Array.from({ length: pages }, (_, page) => {
    const size = Math.min(PAGE_SIZE, recipients - page * PAGE_SIZE);
    const contacts = Array.from({ length: size }, (__, slot) => contact(page, slot, channel));
    return builder.add({ position: String(page).padStart(10, '0'), contacts, notReachable: [], sealKey, last: page === pages - 1 });
  });
  return cut.flat().map((one, number) => sliceDocument({ campaignId, tenantId, mode: Mode.PARALLEL, expiresAt }, number, one));
}

function contact(page: number, slot: number, channel: string): AudienceContact {
  const box = randomBytes(BOX_BYTES);
  const address = { channel, box, addressHash: box.subarray(0, HASH_BYTES), lengths: [], domainHash: Buffer.alloc(0) };
  return { contactId: contactId(page, slot), addresses: [address] };
}
