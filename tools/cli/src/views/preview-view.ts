import type { ChannelPreview, PreviewCampaignResponse } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { count, type Words } from '../text/catalogue.js';
import { campaignView, reasonLines } from './campaign-view.js';
import { lasting, paceText } from './content-view.js';
import { forecastLines, forecastView } from './forecast-view.js';

export function previewView(preview: PreviewCampaignResponse): object {
  const { forecast } = preview;
  return {
    ...preview,
    ...(forecast ? { forecast: forecastView(forecast) } : {}),
    ...(preview.campaign ? { campaign: campaignView(preview.campaign) } : {}),
  };
}

/** What an agent reads before deciding: how many, by which channel, at what cost, who cannot be reached and why, and how it will look. */
export function previewLines(words: Words, preview: PreviewCampaignResponse): string[] {
  return [
    `${words('recipients')}: ${count(words, preview.recipients)}`,
    ...preview.channels.flatMap((channel) => channelLines(words, channel)),
    ...paceLines(words, preview),
    ...reasonLines(words, preview.notReachable),
    ...forecastLines(words, preview.forecast, Date.now()),
    preview.needsApproval ? words('needsApproval') : words('noApproval'),
    `${words('contentHash')}: ${preview.contentHash}`,
  ];
}

function paceLines(words: Words, { campaign, pacedDuration }: PreviewCampaignResponse): string[] {
  if (campaign?.pace === undefined) return [];
  return [`${words('pace')}: ${paceText(words, campaign.pace)} · ${words('takesAtLeast')} ${lasting(pacedDuration)}`];
}

function channelLines(words: Words, preview: ChannelPreview): string[] {
  const { channel, recipients, cost, costUnit, costlyCharacters, costWithoutAccents, samples } = preview;
  const lines = [`  ${channel}: ${count(words, recipients)} · ${words('cost')}: ${count(words, cost)} ${costUnit}`];
  if (costlyCharacters.length > 0) {
    const cheaper = `${words('costWithoutAccents')}: ${count(words, costWithoutAccents)}`;
    lines.push(`    ${words('costlyCharacters')}: ${costlyCharacters.join(' ')} · ${cheaper}`);
  }
  const sample = samples[0];
  if (sample !== undefined) {
    const text = [sample.subject, sample.body].filter((part) => part !== '').join('\n');
    lines.push(`    ${words('sample')}:`, ...text.split('\n').map((line) => `      ${line}`));
  }
  return lines;
}
