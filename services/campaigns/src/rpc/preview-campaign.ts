import { renderTemplate } from '@tocsin/channel-kit';
import { type Campaign, CampaignState, type Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type {
  ChannelPreview,
  PreviewCampaignRequest,
  PreviewCampaignResponse,
  RenderedSample,
} from '@tocsin/contracts/campaigns/v1/campaigns_service';
import type { ChannelEstimate, CostTemplate, EstimateAudienceResponse, SampleContact } from '@tocsin/contracts/subscribers/v1/audience';
import type { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import { TocsinError } from '@tocsin/errors';
import { onBehalfOf } from '@tocsin/grpc';
import { tenantOf } from '../core/access.js';
import { costTemplate } from '../core/cost-template.js';
import { previewCampaign } from '../core/decide/preview-campaign.js';
import { needsApproval } from '../core/decide/release-campaign.js';
import { wrongState } from '../core/decide/refuse.js';
import { VARIABLES } from '../core/message-rules.js';
import { pacedDuration, pacedRecipients } from '../core/pace-rules.js';
import { costlyCharacters, transliterate } from '../core/sms-accents.js';
import { estimateOf } from '../core/release-demand.js';
import { estimateCorrection } from './correction.js';
import { fetchTenant } from './fetch-tenant.js';
import type { ServiceParts } from './service-parts.js';

/** ms to walk and count an audience of a whole register. */
const ESTIMATE_DEADLINE = 60_000;
/** Contacts opened to show how a message reads. */
const SAMPLES = 3;

/** Counts whom a draft would reach and what it would cost, shows how it reads, and notes that this content was seen. `signal`: its client has gone, and nothing is counted any more. */
export async function previewCampaignRpc(
  parts: ServiceParts,
  caller: Caller,
  request: PreviewCampaignRequest,
  signal: AbortSignal,
): Promise<PreviewCampaignResponse> {
  const tenantId = tenantOf(caller, request.tenantId);
  const { campaign } = await parts.campaigns.record(tenantId, request.campaignId);
  if (campaign.state !== CampaignState.DRAFT) throw wrongState(campaign, 'draft');
  const plain = campaign.messages.map((message) => costTemplate(message, costUnit(parts, message.channel)));
  const costly = plain.some((template) => template.costUnit === 'segment' && costlyCharacters(template.literal).length > 0);
  const unaccented = campaign.messages.map((message) => costTemplate(message, costUnit(parts, message.channel), transliterate));
  const [tenant, estimate, without] = await Promise.all([
    fetchTenant(parts, tenantId),
    estimateAudience(parts, caller, campaign, plain, SAMPLES, signal),
    costly ? estimateAudience(parts, caller, campaign, unaccented, 0, signal) : undefined,
  ]);
  const next = await parts.campaigns.decide(tenantId, request.campaignId, (record) =>
    previewCampaign(
      record,
      campaign.contentHash,
      estimate.recipients,
      estimateOf(campaign, estimate.recipients, estimate.channels, without?.channels ?? []),
    ),
  );
  return {
    campaign: next,
    recipients: estimate.recipients,
    channels: plain.map((template) => channelPreview(template, campaign, estimate, without)),
    notReachable: estimate.notReachable,
    needsApproval: needsApproval(estimate.recipients, tenant.approvalThreshold),
    contentHash: campaign.contentHash,
    pacedDuration: pacedDuration(next.pace, pacedRecipients(next)),
    forecast: parts.forecasts.foresee(next, tenant),
  };
}

function costUnit(parts: ServiceParts, channel: string): string {
  return manifest(parts, channel).costUnit;
}

function manifest(parts: ServiceParts, channel: string) {
  const found = parts.manifestOf(channel);
  if (found) return found;
  throw new TocsinError('FAILED_PRECONDITION', 'CHANNEL_GONE', `The channel "${channel}" is not announced any more.`);
}

function estimateAudience(
  parts: ServiceParts,
  caller: Caller,
  campaign: Campaign,
  templates: CostTemplate[],
  samples: number,
  signal: AbortSignal,
): Promise<EstimateAudienceResponse> {
  const { tenantId, audience, purpose, corrects } = campaign;
  if (corrects !== undefined) return estimateCorrection(parts, tenantId, corrects, templates);
  const channels = campaign.channels.map((channel) => ({ channel, addressKinds: manifest(parts, channel).addressKinds }));
  const request = { tenantId, ...(audience ? { audience } : {}), channels, purpose, variables: [...VARIABLES], samples, templates };
  return parts.audience.estimateAudience(request, { ...onBehalfOf(caller, ESTIMATE_DEADLINE), signal });
}

function channelPreview(
  template: CostTemplate,
  campaign: Campaign,
  estimate: EstimateAudienceResponse,
  without: EstimateAudienceResponse | undefined,
): ChannelPreview {
  const { channel, costUnit: unit } = template;
  const of = (answer: EstimateAudienceResponse): ChannelEstimate | undefined => answer.channels.find((row) => row.channel === channel);
  const row = of(estimate);
  const message = campaign.messages.find((candidate) => candidate.channel === channel);
  return {
    channel,
    recipients: row?.recipients ?? 0,
    cost: row?.cost ?? 0,
    costUnit: unit,
    histogram: row?.histogram ?? [],
    unicode: row?.unicode ?? 0,
    costlyCharacters: unit === 'segment' ? costlyCharacters(template.literal) : [],
    costWithoutAccents: (without && of(without)?.cost) ?? row?.cost ?? 0,
    samples: message ? estimate.samples.map((sample) => rendered(message, sample)) : [],
  };
}

function rendered(message: Message, { contactId, variables }: SampleContact): RenderedSample {
  return { contactId, subject: renderTemplate(message.subject, variables), body: renderTemplate(message.body, variables) };
}
