import { z } from 'zod';
import type { Setting } from '@tocsin/service-kit';

const optionalMs = z
  .string()
  .optional()
  .transform((text, context) => {
    if (text === undefined || text === '') return undefined;
    const ms = Number(text);
    if (Number.isInteger(ms) && ms >= 0) return ms;
    context.addIssue({ code: 'custom', message: 'a whole number of milliseconds' });
    return z.NEVER;
  });

/** Settings every channel has beside its own. */
export const KIT_SETTINGS = {
  kitReceiptTimeoutMs: {
    env: 'RECEIPT_TIMEOUT_MS',
    schema: optionalMs,
    doc: 'Milliseconds after acceptance until a delivery without a receipt is closed as unconfirmed; the manifest decides when absent.',
  } satisfies Setting<number | undefined>,
} as const;
