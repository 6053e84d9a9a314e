import { DeliveryState, RecipientFilter } from '@tocsin/contracts/deliveries/v1/reports_service';
import { CALL_DEADLINE_MS, type Partner } from '../../../stack/dist/job/partner.js';
import type { ReportedRecipient } from './judge-campaign.js';

/** The most a page may hold. */
const PAGE_SIZE = 1_000;

/** Every recipient of a campaign as Tocsin reports it. */
export async function readReport(partner: Partner, tenantId: string, campaignId: string): Promise<readonly ReportedRecipient[]> {
  const recipients: ReportedRecipient[] = [];
  let pageToken = '';
  do {
    const page = await partner.reports.listRecipients(
      { tenantId, campaignId, filter: RecipientFilter.UNSPECIFIED, pageSize: PAGE_SIZE, pageToken },
      { deadlineMs: CALL_DEADLINE_MS },
    );
    for (const { contactId, terminal, state, deliveries } of page.recipients) {
      recipients.push({
        contactId,
        terminal,
        state: stateName(state),
        deliveries: deliveries.map((row) => ({
          deliveryId: row.deliveryId,
          state: stateName(row.state),
          reason: row.reason,
          possibleDuplicate: row.possibleDuplicate,
          submitted: row.submittedAt > 0,
        })),
      });
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return recipients;
}

/** "accepted-closed" for DELIVERY_STATE_ACCEPTED_CLOSED. */
function stateName(state: DeliveryState): string {
  return (DeliveryState[state] ?? '').replace('DELIVERY_STATE_', '').replaceAll('_', '-').toLowerCase();
}
