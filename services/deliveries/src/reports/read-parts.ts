import { LEDGER_PARTITIONS } from '@tocsin/contracts';
import { notFound } from '@tocsin/errors';
import { type Part, partKey } from '../core/part.js';
import { fromPartDocument } from '../core/part-document.js';
import type { LedgerStore } from '../ledger/ledger-store.js';

/** Every part of a campaign; NOT_FOUND in the same shape for another tenant's and for one the ledger never heard of. */
export async function readParts(store: LedgerStore, tenantId: string, campaignId: string): Promise<Part[]> {
  const keys = Array.from({ length: LEDGER_PARTITIONS }, (_, partition) => partKey(campaignId, partition));
  const parts = (await store.parts.getMany(keys)).filter((document) => document !== null).map(fromPartDocument);
  if (tenantId === '' || parts.length === 0 || parts.some((part) => part.tenantId !== tenantId)) throw notFound('Campaign');
  return parts;
}
