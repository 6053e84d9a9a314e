import { duration, optional } from '@tocsin/service-kit';

/** ms; a receipt awaited longer than three days is not worth a place in memory. */
const MAX_RECEIPT_TIMEOUT_MS = 72 * 60 * 60 * 1_000;

/** Settings every channel has beside its own. */
export const KIT_SETTINGS = {
  kitReceiptTimeoutMs: optional(
    duration({
      env: 'RECEIPT_TIMEOUT_MS',
      max: MAX_RECEIPT_TIMEOUT_MS,
      doc: 'Milliseconds after acceptance until a delivery without a receipt is closed as unconfirmed; the manifest decides when absent.',
    }),
  ),
} as const;
