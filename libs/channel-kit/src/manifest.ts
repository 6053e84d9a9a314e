import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { DEFAULT_SHARES } from '@tocsin/contracts';
import { Manifest, Route } from '@tocsin/contracts/channels/v1/channels';
import { TocsinError } from '@tocsin/errors';
import type { RouteDriver } from './channel.js';

/** Shares at most: partitions of the granted topics are never cheap. */
const MAX_SHARES = 64;
/** ms; a receipt awaited longer than three days is not worth a place in memory. */
const MAX_RECEIPT_TIMEOUT = 72 * 60 * 60 * 1_000;
const MAX_RETRIES = 16;

const manifestSchema = z.strictObject({
  key: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower-case letters, digits and hyphens, at most 32'),
  titles: z.record(z.string(), z.string().min(1)).refine((titles) => 'fr' in titles, 'a French title is shown to agents'),
  address_kinds: z.array(z.string().regex(/^[a-z][a-z-]*$/)).min(1),
  features: z.array(z.string().regex(/^[a-z][a-z-]*$/)),
  cost_unit: z.string().regex(/^[a-z][a-z-]*$/),
  accepted_is_terminal: z.boolean(),
  /** ms after acceptance until a delivery without receipt is closed as unconfirmed; 0 where accepted is terminal. */
  receipt_timeout: z.int().min(0).max(MAX_RECEIPT_TIMEOUT),
  /** ms between attempts. */
  retry_delays: z.array(z.int().min(1_000)).max(MAX_RETRIES),
  shares: z.int().min(1).max(MAX_SHARES).default(DEFAULT_SHARES),
});

/** What channel.json says. */
export type ChannelFile = Readonly<z.infer<typeof manifestSchema>>;

/** Checks the content of a channel.json; throws TocsinError FAILED_PRECONDITION naming every fault. */
export function parseChannelFile(text: string): ChannelFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TocsinError('FAILED_PRECONDITION', 'MANIFEST_INVALID', 'channel.json is not JSON.', { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'channel.json'}: ${issue.message}`).join('; ');
  throw new TocsinError('FAILED_PRECONDITION', 'MANIFEST_INVALID', `channel.json: ${faults}.`);
}

export async function readChannelFile(url: URL): Promise<ChannelFile> {
  return parseChannelFile(await readFile(url, 'utf8'));
}

/** What the channel announces: its file, its routes, and the receipt time-out in force (ms). */
export function announcedManifest(file: ChannelFile, drivers: readonly RouteDriver[], receiptTimeout: number, now: number): Manifest {
  return Manifest.fromPartial({
    channel: file.key,
    titles: file.titles,
    addressKinds: file.address_kinds,
    features: file.features,
    costUnit: file.cost_unit,
    acceptedIsTerminal: file.accepted_is_terminal,
    receiptTimeout,
    retryDelays: file.retry_delays,
    shares: file.shares,
    routes: drivers.map((driver) =>
      Route.fromPartial({
        routeId: driver.routeId,
        provider: driver.provider,
        ratePerSecond: driver.ratePerSecond,
        binds: driver.binds ?? file.shares,
        standby: driver.terms?.standby ?? false,
      }),
    ),
    announcedAt: now,
  });
}
