import { RecipientFilter, type RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { CALL_DEADLINE_MS, type Partner } from './partner.js';

/** The most a page may hold. */
const PAGE_SIZE = 1_000;

/** Every recipient of a campaign as the ledger reports it, read page by page. */
export async function* recipientsOf(partner: Partner, tenantId: string, campaignId: string): AsyncGenerator<RecipientReport> {
  let pageToken = '';
  do {
    const page = await partner.reports.listRecipients(
      { tenantId, campaignId, filter: RecipientFilter.UNSPECIFIED, pageSize: PAGE_SIZE, pageToken },
      { deadlineMs: CALL_DEADLINE_MS },
    );
    yield* page.recipients;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
}
