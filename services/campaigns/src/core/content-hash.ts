import { createHash } from 'node:crypto';
import type { CampaignContent } from '@tocsin/contracts/campaigns/v1/campaigns_service';

/** Hex SHA-256 over everything an approver vouches for: text, audience, channels, lane, status, time and pace; the same content always gives the same hash. */
export function contentHash(content: CampaignContent): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** JSON with sorted names and without what is not set. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined && field !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join()}}`;
}
