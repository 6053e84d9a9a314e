import { duration, integer, optional } from '@tocsin/service-kit';

/** ms; a receipt awaited longer than three days is not worth a place in memory. */
const MAX_RECEIPT_TIMEOUT_MS = 72 * 60 * 60 * 1_000;

/** ms; a route that is tested less than once a day is not tested. */
const MAX_TEST_EVERY_MS = 24 * 60 * 60 * 1_000;

/** Settings every channel has beside its own. */
export const KIT_SETTINGS = {
  kitReceiptTimeoutMs: optional(
    duration({
      env: 'RECEIPT_TIMEOUT_MS',
      max: MAX_RECEIPT_TIMEOUT_MS,
      doc: 'Milliseconds after acceptance until a delivery without a receipt is closed as unconfirmed; the manifest decides when absent.',
    }),
  ),
  kitLinkTestEveryMs: duration({
    env: 'LINK_TEST_EVERY',
    min: 1_000,
    max: MAX_TEST_EVERY_MS,
    default: 30_000,
    doc: "Milliseconds between two tests of each route's link, by every instance.",
  }),
  kitTestMessageEveryMs: duration({
    env: 'TEST_MESSAGE_EVERY',
    min: 1_000,
    max: MAX_TEST_EVERY_MS,
    default: 900_000,
    doc: 'Milliseconds between two test messages on each route that has a test address; one instance sends them.',
  }),
  kitReceiptsPerSecond: optional(
    integer({
      env: 'RECEIPTS_PER_SECOND',
      min: 10,
      max: 1_000_000,
      doc: 'Receipts an instance takes a second at most, the rest wait at the provider; six times what the routes may send, 500 at least, when absent.',
    }),
  ),
} as const;
