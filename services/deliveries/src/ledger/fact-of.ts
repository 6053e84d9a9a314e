import { attemptFactsOf, unpackEnvelope } from '@tocsin/contracts';
import type { CampaignClosed, PlanClosed } from '@tocsin/contracts/deliveries/v1/planned';
import type { IncomingRecord } from '@tocsin/kafka';
import type { SliceFact } from '../core/fold.js';

/** What a record is about: one slice, or a campaign's whole part. */
export type LedgerFact =
  | { readonly about: 'slice'; readonly campaignId: string; readonly tenantId: string; readonly slice: number; readonly fact: SliceFact }
  | { readonly about: 'plan-closed'; readonly record: PlanClosed }
  | { readonly about: 'campaign-closed'; readonly record: CampaignClosed; readonly at: number };

/** Slices of one campaign at most: 250 million recipients; a damaged number must not make the ledger grow. */
const MAX_SLICE = 1_000_000;

const NOTHING: readonly LedgerFact[] = [];

/** Nothing of a tombstone or a type of a later release, one fact of most records, one a slice of a bundle. Throws what the codec throws for damaged bytes. */
export function factsOf(incoming: IncomingRecord): readonly LedgerFact[] {
  if (!incoming.envelope) return NOTHING;
  const place = { topic: incoming.topic, offset: incoming.offset, at: incoming.envelope.occurredAt || incoming.timestamp };
  const attempts = attemptFactsOf(incoming.envelope);
  if (attempts.length > 0) return attempts.map((record) => aboutSlice(record, { ...place, body: { kind: 'attempts', record } }));
  const { type, value } = unpackEnvelope(incoming.envelope);
  switch (type) {
    case 'tocsin.deliveries.v1.PlannedSlice':
      return [aboutSlice(value, { ...place, body: { kind: 'planned', record: value } })];
    case 'tocsin.deliveries.v1.ReceiptRecord':
      return [aboutSlice(value, { ...place, body: { kind: 'receipts', record: value } })];
    case 'tocsin.deliveries.v1.PlanClosed':
      return [{ about: 'plan-closed', record: value }];
    case 'tocsin.deliveries.v1.CampaignClosed':
      return [{ about: 'campaign-closed', record: value, at: place.at }];
    default:
      return NOTHING;
  }
}

function aboutSlice(record: { campaignId: string; tenantId: string; slice: number }, fact: SliceFact): LedgerFact {
  if (record.campaignId === '' || record.slice > MAX_SLICE) throw new RangeError('A record names no slice.');
  return { about: 'slice', campaignId: record.campaignId, tenantId: record.tenantId, slice: record.slice, fact };
}
