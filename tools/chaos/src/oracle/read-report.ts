import { DeliveryState } from '@tocsin/contracts/deliveries/v1/reports_service';
import type { Partner } from '../../../stack/dist/job/partner.js';
import { recipientsOf } from '../../../stack/dist/job/recipients-of.js';
import type { ReportedRecipient } from './judge-campaign.js';

/** Every recipient of a campaign as Tocsin reports it. */
export async function readReport(partner: Partner, tenantId: string, campaignId: string): Promise<readonly ReportedRecipient[]> {
  const recipients: ReportedRecipient[] = [];
  for await (const { contactId, terminal, state, deliveries } of recipientsOf(partner, tenantId, campaignId)) {
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
  return recipients;
}

/** "accepted-closed" for DELIVERY_STATE_ACCEPTED_CLOSED. */
function stateName(state: DeliveryState): string {
  return (DeliveryState[state] ?? '').replace('DELIVERY_STATE_', '').replaceAll('_', '-').toLowerCase();
}
