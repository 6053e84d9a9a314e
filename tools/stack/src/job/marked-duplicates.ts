import { RecipientFilter } from '@tocsin/contracts/deliveries/v1/reports_service';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';

/** The most a page may hold. */
const PAGE_SIZE = 1_000;

/** Ids of a campaign's deliveries that the ledger itself marks as possible duplicates, read page by page. */
export async function markedDuplicates(partner: Partner, tenantId: string, campaignId: string): Promise<readonly string[]> {
  const marked: string[] = [];
  let pageToken = '';
  do {
    const page = await partner.reports.listRecipients(
      { tenantId, campaignId, filter: RecipientFilter.UNSPECIFIED, pageSize: PAGE_SIZE, pageToken },
      { deadlineMs: CALL_DEADLINE_MS },
    );
    for (const { deliveries } of page.recipients) {
      marked.push(...deliveries.filter(({ possibleDuplicate }) => possibleDuplicate).map(({ deliveryId }) => deliveryId));
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return marked;
}
