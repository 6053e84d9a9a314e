import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { DemoTenant } from './demo-tenant.js';

/** A municipality with every address that must be reached, by channel. */
export interface ExpectedTenant extends Omit<DemoTenant, 'deliveries'> {
  readonly reach: Readonly<Record<string, readonly string[]>>;
}

const manifestFile = z.object({
  seed: z.number().int(),
  tenants: z.array(
    z.object({
      insee: z.string(),
      name: z.string(),
      kind: z.enum(['city', 'town', 'commune']),
      file: z.string(),
      recipients: z.number().int(),
      reach: z.record(z.string(), z.array(z.string())),
      stops: z.array(z.string()),
    }),
  ),
});

/** Reads the generator's manifest (tools/generate). */
export function readManifest(file: string): readonly ExpectedTenant[] {
  const { seed, tenants } = manifestFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  return tenants.map((tenant) => ({ ...tenant, key: `${seed}-${tenant.insee}`, file: join(dirname(file), tenant.file) }));
}

/** The same without the addresses: what a run plans with. */
export function demoTenants(expected: readonly ExpectedTenant[]): readonly DemoTenant[] {
  return expected.map(({ reach, ...tenant }) => ({
    ...tenant,
    deliveries: Object.fromEntries(Object.entries(reach).map(([channel, addresses]) => [channel, addresses.length])),
  }));
}
