import { SLICE_SIZE, sliceKey } from '@tocsin/contracts';
import type { ListRecipientsRequest, ListRecipientsResponse, RecipientReport } from '@tocsin/contracts/deliveries/v1/reports_service';
import { invalidArgument, TocsinError } from '@tocsin/errors';
import { fromSliceDocument } from '../core/slice-document.js';
import type { LedgerStore } from '../ledger/ledger-store.js';
import { readPlace, writePlace } from './page-token.js';
import { readParts } from './read-parts.js';
import { matches, recipientReport } from './report.js';

const DEFAULT_PAGE = 250;
const MAX_PAGE = 1_000;
/** Slices one call reads at most; a rare filter answers short pages instead of a long wait. */
const MAX_SLICES_A_CALL = 40;
/** Slices read side by side at most. */
const READ_AT_ONCE = 8;

/** One page of recipients in slice order, as stored (a second or so behind the ledger's memory). */
export async function listRecipients(store: LedgerStore, request: ListRecipientsRequest): Promise<ListRecipientsResponse> {
  if (request.pageSize > MAX_PAGE) throw invalidArgument([{ field: 'page_size', description: `is at most ${MAX_PAGE}` }]);
  const size = request.pageSize || DEFAULT_PAGE;
  const start = readPlace(request.pageToken);
  const parts = await readParts(store, request.tenantId, request.campaignId);
  if (parts.some((part) => part.trimmed)) throw recipientsTrimmed();
  const end = 1 + Math.max(-1, ...parts.flatMap((part) => [...part.slices.keys()]));
  const limit = Math.min(end, start.slice + MAX_SLICES_A_CALL);
  const recipients: RecipientReport[] = [];
  // What a page without filter needs, and the one its token points into.
  const step = Math.min(READ_AT_ONCE, Math.ceil(size / SLICE_SIZE) + 1);
  for (let from = start.slice; from < limit; from += step) {
    const numbers = Array.from({ length: Math.min(step, limit - from) }, (_, ahead) => from + ahead);
    const documents = await store.slices.getMany(numbers.map((number) => sliceKey(request.campaignId, number)));
    for (const document of documents) {
      // Known to a part and not stored, or of another tenant by a damaged record: nothing to tell.
      if (!document || document.tenantId !== request.tenantId) continue;
      const slice = fromSliceDocument(document);
      for (let index = slice.number === start.slice ? start.index : 0; index < slice.contacts.length; index += 1) {
        if (slice.contacts[index] === '') continue;
        const report = recipientReport(slice, index);
        if (!matches(request.filter, report)) continue;
        if (recipients.length === size) return { recipients, nextPageToken: writePlace({ slice: slice.number, index }) };
        recipients.push(report);
      }
    }
  }
  return { recipients, nextPageToken: limit < end ? writePlace({ slice: limit, index: 0 }) : '' };
}

function recipientsTrimmed(): TocsinError {
  const sentence = 'The recipients of this campaign were removed at the end of their retention; its counts remain.';
  return new TocsinError('FAILED_PRECONDITION', 'RECIPIENTS_TRIMMED', sentence);
}
