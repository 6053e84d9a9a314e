import type { EstimateAudienceRequest } from '@tocsin/contracts/subscribers/v1/audience';
import { invalidArgument } from '@tocsin/errors';
import { walkPages, type WalkParts } from './walk-pages.js';

/** No latitude is beyond, so a longitude beyond was not meant as one. */
const MAX_LATITUDE = 90;

/**
 * For a zone that holds nobody: refuses it when the same points with latitude and longitude exchanged hold somebody. A zone in another hemisphere is
 * a valid polygon, and an alert that silently reaches nobody is as bad as one that reaches everybody. Costs one more walk, in that case only.
 */
export async function refuseSwappedZone(request: EstimateAudienceRequest, parts: WalkParts): Promise<void> {
  const { audience } = request;
  const ring = audience?.zone?.ring ?? [];
  if (!audience || ring.length === 0 || ring.some(({ longitude }) => Math.abs(longitude) > MAX_LATITUDE)) return;
  const zone = { ring: ring.map(({ latitude, longitude }) => ({ latitude: longitude, longitude: latitude })) };
  for await (const page of walkPages({ ...request, audience: { ...audience, zone }, afterPosition: '' }, parts)) {
    if (page.selected.length === 0) continue;
    const description = 'holds nobody, but does with latitude and longitude exchanged: they seem to be swapped';
    throw invalidArgument([{ field: 'audience.zone', description }], 'INVALID_ZONE');
  }
}
