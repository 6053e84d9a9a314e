import { accessSync, constants, readFileSync } from 'node:fs';
import { z } from 'zod';
import { choice, duration, optional, setting, text, type Setting } from '@tocsin/service-kit';
import type { RouteTerms } from './channel.js';

/** Routes of one channel at most: every series of its metrics is there for each. */
const MAX_ROUTES = 8;
/** ms; an answer that takes as long as the patience with a submission is late on every route. */
const MAX_SLOW_MS = 10_000;

const NAME = /^[a-z0-9-]{1,32}$/;
const IDEMPOTENCY = ['none', 'key'] as const;

/** What every route in a routes file may say of itself beside its provider's own; what it leaves out the channel's settings say. */
export const ROUTE_FIELDS = {
  id: z.string().regex(NAME, 'lower-case letters, digits and hyphens, at most 32'),
  /** Routes that share the provider's message ids share its name; absent = the route's own id. */
  provider: z.string().regex(NAME, 'lower-case letters, digits and hyphens, at most 32').optional(),
  weight: z.number().min(0).max(1_000_000).optional(),
  standby: z.boolean().optional(),
  slow_ms: z.int().min(1).max(MAX_SLOW_MS).optional(),
  test_address: z.string().min(3).max(254).optional(),
  idempotency: z.enum(IDEMPOTENCY).optional(),
};

/** A path in a routes file that this process can read: passwords are given so. */
export const readableFile = z.string().refine(isReadable, 'cannot be read');

/** Settings of a channel's one route, and of every route of a routes file that does not say otherwise. */
export const ROUTE_SETTINGS = {
  testAddress: optional(
    text({
      env: 'TEST_ADDRESS',
      doc: 'Number or mailbox of ours that test messages go to; not set = none are sent, only links are tested.',
    }),
  ),
  slowMs: duration({
    env: 'SLOW_MS',
    min: 1,
    max: MAX_SLOW_MS,
    default: 2_000,
    doc: 'Milliseconds beyond which an answer counts as slow: a route whose answers are loses traffic to the others.',
  }),
  idempotency: choice({
    env: 'IDEMPOTENCY',
    among: IDEMPOTENCY,
    default: 'none',
    doc: '"key" where the provider takes one delivery_id only once and answers as it did then; nothing in doubt is doubled there.',
  }),
} as const;

/** What those settings are when read. */
interface SharedTerms {
  readonly testAddress: string | undefined;
  readonly slowMs: number;
  readonly idempotency: (typeof IDEMPOTENCY)[number];
}

interface RouteEntry {
  readonly id: string;
  readonly weight?: number | undefined;
  readonly standby?: boolean | undefined;
  readonly slow_ms?: number | undefined;
  readonly test_address?: string | undefined;
  readonly idempotency?: (typeof IDEMPOTENCY)[number] | undefined;
}

/** TOCSIN_CHANNEL_<KEY>_ROUTES_FILE: a JSON list of routes of this shape; not set = the one route of the other settings. */
export function routesFile<T extends RouteEntry>(route: z.ZodType<T>): Setting<readonly T[] | undefined> {
  const routes = z.array(route).min(1).max(MAX_ROUTES);
  return optional(
    setting<readonly T[]>(
      { env: 'ROUTES_FILE', doc: 'JSON file with the list of routes (docs/providers.md); not set = one, of the settings here.' },
      (path) => {
        try {
          return parse(routes, readFileSync(path, 'utf8'));
        } catch {
          return { fault: `"${path}" cannot be read` };
        }
      },
    ),
  );
}

/** The terms and the idempotency of a route; `entry` absent = the channel's one route. */
export function routeTerms(
  shared: SharedTerms,
  entry?: RouteEntry,
): { readonly terms: RouteTerms; readonly idempotency: (typeof IDEMPOTENCY)[number] } {
  const { weight, standby, test_address: testAddress = shared.testAddress } = entry ?? {};
  const terms: RouteTerms = {
    slowMs: entry?.slow_ms ?? shared.slowMs,
    ...(weight === undefined ? {} : { weight }),
    ...(standby === undefined ? {} : { standby }),
    ...(testAddress === undefined ? {} : { testAddress }),
  };
  return { terms, idempotency: entry?.idempotency ?? shared.idempotency };
}

function parse<T extends RouteEntry>(routes: z.ZodType<T[]>, json: string): { readonly value: readonly T[] } | { readonly fault: string } {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return { fault: 'is not JSON' };
  }
  const parsed = routes.safeParse(given);
  if (!parsed.success)
    return { fault: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the list'}: ${message}`).join('; ') };
  const ids = parsed.data.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) return { fault: `two routes are called "${twice}"` };
  if (parsed.data.every(({ standby }) => standby === true)) return { fault: 'every route is a standby' };
  return { value: parsed.data };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
