import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';

/**
 * A frame to keep for as long as its campaign is open: what is decoded from a record lies with all the small buffers decoded beside it in 8 KiB of Node's
 * pool, and a key of 60 bytes would keep them all; of thousands of campaigns that is tens of MiB.
 */
export function ownFrame(frame: CampaignFrame): CampaignFrame {
  if (!frame.sealKey) return frame;
  const wrapped = Buffer.allocUnsafeSlow(frame.sealKey.wrapped.length);
  wrapped.set(frame.sealKey.wrapped);
  return { ...frame, sealKey: { ...frame.sealKey, wrapped } };
}
