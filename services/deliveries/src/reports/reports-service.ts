import { addTallies } from '@tocsin/contracts';
import type { ReportsServiceImplementation } from '@tocsin/contracts/deliveries/v1/reports_service';
import { callerOf } from '@tocsin/grpc';
import { tallyOf } from '../core/part.js';
import type { LedgerStore } from '../ledger/ledger-store.js';

import { listRecipients } from './list-recipients.js';
import { readParts } from './read-parts.js';

/** Who was reached, who was not, and why. */
export function reportsService(store: LedgerStore): ReportsServiceImplementation {
  const own = <R extends { readonly tenantId: string }>(request: R, context: Parameters<typeof callerOf>[0]): R =>
    request.tenantId === '' ? { ...request, tenantId: callerOf(context).tenantId } : request;
  return {
    listRecipients: (request, context) => listRecipients(store, own(request, context)),
    async getTally(request, context) {
      const { tenantId, campaignId } = own(request, context);
      const parts = await readParts(store, tenantId, campaignId);
      return { tally: addTallies(parts.map(tallyOf)) };
    },
  };
}
