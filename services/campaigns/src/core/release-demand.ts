import { paceUnitsPerSecond } from '@tocsin/contracts';
import { type Campaign, type CampaignEstimate, type ChannelUnits, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import type { ChannelEstimate } from '@tocsin/contracts/subscribers/v1/audience';

/** What a release would ask of one channel. */
export interface Demand {
  readonly channel: string;
  readonly recipients: number;
  /** Cost units of first attempts. */
  readonly units: number;
  readonly unitsWithoutAccents: number;
  /** Units a second at most; 0 = as many as its share. */
  readonly pace: number;
}

/** What a preview counted, as kept with the campaign. `without`: the same with plain letters. */
export function estimateOf(
  campaign: Pick<Campaign, 'channels' | 'mode'>,
  recipients: number,
  counted: readonly ChannelEstimate[],
  without: readonly ChannelEstimate[],
): CampaignEstimate {
  // One after the other: each recipient is first tried on one channel, so that only who lacks the channels before counts.
  let left = campaign.mode === Mode.ORDER ? recipients : Infinity;
  const channels = campaign.channels.map((channel): ChannelUnits => {
    const row = counted.find((candidate) => candidate.channel === channel);
    const all = row?.recipients ?? 0;
    const first = Math.min(all, left);
    left -= first;
    const part = all > 0 ? first / all : 0;
    const units = Math.round((row?.cost ?? 0) * part);
    const plain = without.find((candidate) => candidate.channel === channel)?.cost;
    return { channel, recipients: first, units, unitsWithoutAccents: plain === undefined ? units : Math.round(plain * part) };
  });
  return { channels };
}

/** Empty where no preview has counted yet. */
export function demandsOf(campaign: Campaign): Demand[] {
  return (campaign.estimate?.channels ?? [])
    .filter(({ units }) => units > 0)
    .map((row) => ({ ...row, pace: paceUnitsPerSecond(campaign.pace, row.units, row.recipients) }));
}
