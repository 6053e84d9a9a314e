import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { ControlTarget } from '@tocsin/contracts/tenants/v1/operations_service';
import { TocsinError } from '@tocsin/errors';

/** The channels that announced themselves, by key. */
export type Manifests = ReadonlyMap<string, Manifest>;

/** A misspelt channel or route would look paused and go on: throws TocsinError NOT_FOUND naming those there are. */
export function requireKnownTarget(manifests: Manifests, { channel, routeId }: ControlTarget): void {
  if (channel === '') return;
  const manifest = manifests.get(channel);
  if (!manifest) {
    const known = [...manifests.keys()].toSorted().join(', ') || 'none yet';
    throw new TocsinError('NOT_FOUND', 'CHANNEL_UNKNOWN', `No channel ${channel} has announced itself; there are: ${known}.`);
  }
  const routes = manifest.routes.map((route) => route.routeId);
  if (routeId === '' || routes.includes(routeId)) return;
  throw new TocsinError('NOT_FOUND', 'ROUTE_UNKNOWN', `The channel ${channel} has no route ${routeId}; there are: ${routes.join(', ')}.`);
}
