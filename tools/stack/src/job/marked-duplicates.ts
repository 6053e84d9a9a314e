import type { Partner } from './partner.js';
import { recipientsOf } from './recipients-of.js';

/** Ids of a campaign's deliveries that the ledger itself marks as possible duplicates. */
export async function markedDuplicates(partner: Partner, tenantId: string, campaignId: string): Promise<readonly string[]> {
  const marked: string[] = [];
  for await (const { deliveries } of recipientsOf(partner, tenantId, campaignId)) {
    marked.push(...deliveries.filter(({ possibleDuplicate }) => possibleDuplicate).map(({ deliveryId }) => deliveryId));
  }
  return marked;
}
