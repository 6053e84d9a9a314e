import { z } from 'zod';

/** What a test or a demonstration may turn on the stand-in while it runs. */
export interface Knobs {
  /** Mails a second. */
  rate: number;
  /** Part of the mails refused for good with 550 5.1.1, 0 to 1. */
  failRate: number;
  /** Wait before each final answer, ms. */
  slowMs: number;
  /** Refuses connections and drops those it has. */
  down: boolean;
  /** Answers the first mail to each mailbox with 451 4.7.1. */
  greylist: boolean;
  /** Answers mails with a code no table knows, and does not take them. */
  nonsense: boolean;
  /** Takes mails into the ledger and never answers. */
  mute: boolean;
  /** Takes one Message-ID only once: sent again it is answered as the first time, and not written down anew. */
  deduplicates: boolean;
}

const patch = z.strictObject({
  rate: z.number().positive().max(100_000).optional(),
  failRate: z.number().min(0).max(1).optional(),
  slowMs: z.number().int().min(0).max(60_000).optional(),
  down: z.boolean().optional(),
  greylist: z.boolean().optional(),
  nonsense: z.boolean().optional(),
  mute: z.boolean().optional(),
  deduplicates: z.boolean().optional(),
});

export const DEFAULT_RATE = 150;

export function startingKnobs(rate: number): Knobs {
  return { rate, failRate: 0, slowMs: 0, down: false, greylist: false, nonsense: false, mute: false, deduplicates: false };
}

/** Turns the knobs named in a JSON body; answers what is wrong with it, if anything. */
export function turnKnobs(knobs: Knobs, body: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return 'The body is not JSON.';
  }
  const result = patch.safeParse(parsed);
  if (!result.success) return z.prettifyError(result.error);
  for (const [name, value] of Object.entries(result.data)) if (value !== undefined) Object.assign(knobs, { [name]: value });
  return undefined;
}
