import type { GrpcChannel } from '@tocsin/grpc';
import type { ManifestBook } from '../manifests/manifest-book.js';
import { AudienceWalk } from './audience-walk.js';
import { channelsOf, type Release } from './frame.js';
import type { Clock } from '@tocsin/service-kit';
import { URGENT_LANE } from './urgent-lane.js';

/**
 * The walk of an urgent release, its first page asked for. undefined where planning has to begin in its own time: less urgent lanes, and a channel whose
 * announcement is still awaited.
 */
export function readAhead(
  release: Release,
  { subscribers, manifests, clock }: { readonly subscribers: GrpcChannel; readonly manifests: ManifestBook; readonly clock: Clock },
): AudienceWalk | undefined {
  const { campaign } = release;
  if (campaign.lane > URGENT_LANE || campaign.corrects !== undefined) return undefined;
  const channels = channelsOf(campaign);
  const wanted = channels.flatMap((channel) => {
    const manifest = manifests.get(channel);
    return manifest ? [{ channel, addressKinds: manifest.addressKinds }] : [];
  });
  if (wanted.length < channels.length || wanted.length === 0) return undefined;
  const walk = new AudienceWalk(subscribers, campaign, wanted, '', clock);
  walk.begin();
  return walk;
}
