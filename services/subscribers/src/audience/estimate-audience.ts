import { NOT_GSM7, messageCost, messageLength } from '@tocsin/contracts';
import type {
  CostTemplate,
  EstimateAudienceRequest,
  EstimateAudienceResponse,
  SampleContact,
} from '@tocsin/contracts/subscribers/v1/audience';
import { invalidArgument } from '@tocsin/errors';
import type { Logger } from '@tocsin/observability';
import { open } from '../register/sealed-contact.js';
import { refuseSwappedZone } from './swapped-zone.js';
import { walkPages, type WalkedPage, type WalkParts } from './walk-pages.js';

/** Seals opened for sample renders at most. */
const MAX_SAMPLES = 3;
/** Characters of a template's own text, and variables it uses, at most. */
const MAX_LITERAL = 20_000;
const MAX_VARIABLES = 200;
/** Units one delivery is counted apart for; what costs more is counted in the last place. */
const MAX_UNITS = 32;

interface ChannelCount {
  readonly channel: string;
  recipients: number;
  cost: number;
  readonly histogram: number[];
  unicode: number;
}

/** Counts an audience as the planner would walk it, and opens a few contacts for the preview. */
export async function estimateAudience(
  request: EstimateAudienceRequest,
  parts: WalkParts & { readonly logger: Logger },
  principalId: string,
): Promise<EstimateAudienceResponse> {
  checkTemplates(request.templates);
  const counts = new Map<string, ChannelCount>(
    request.channels.map(({ channel }) => [channel, { channel, recipients: 0, cost: 0, histogram: [], unicode: 0 }]),
  );
  const templates = new Map(request.templates.map((template) => [template.channel, template]));
  const reasons = new Map<string, number>();
  const samples: SampleContact[] = [];
  let recipients = 0;
  for await (const page of walkPages({ ...request, afterPosition: '' }, parts)) {
    recipients += page.selected.length;
    for (const [reason, count] of page.notReachable) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    for (const { contact, ways } of page.selected) {
      for (const { channel } of ways) {
        const count = counts.get(channel);
        if (count) add(count, templates.get(channel), contact.lengths);
      }
    }
    openSamples(page, Math.min(request.samples, MAX_SAMPLES), samples, parts);
  }
  if (recipients === 0) await refuseSwappedZone(request, parts);
  if (samples.length > 0) {
    const contactIds = samples.map((sample) => sample.contactId);
    parts.logger.info('audit.samples-opened', { tenantId: request.tenantId, principalId, contactIds });
  }
  return {
    recipients,
    channels: [...counts.values()],
    notReachable: [...reasons].map(([reason, count]) => ({ reason, count })),
    samples,
  };
}

function add(count: ChannelCount, template: CostTemplate | undefined, lengths: Parameters<typeof messageCost>[3]): void {
  count.recipients += 1;
  if (!template) return;
  const cost = messageCost(template.costUnit, template.literal, template.variables, lengths);
  const place = Math.min(cost, MAX_UNITS) - 1;
  while (count.histogram.length <= place) count.histogram.push(0);
  count.histogram[place] = (count.histogram[place] ?? 0) + 1;
  count.cost += cost;
  if (template.costUnit === 'segment' && messageLength(template.literal, template.variables, lengths).gsm7 === NOT_GSM7) count.unicode += 1;
}

function openSamples(page: WalkedPage, wanted: number, samples: SampleContact[], parts: WalkParts): void {
  for (const { contactId, ways } of page.selected) {
    if (samples.length >= wanted) return;
    const address = ways[0]?.address;
    if (address) samples.push({ contactId, variables: open(address, { sealer: parts.sealer, key: page.head.sealKey }).variables });
  }
}

function checkTemplates(templates: readonly CostTemplate[]): void {
  const wrong = templates.some(({ literal, variables }) => literal.length > MAX_LITERAL || variables.length > MAX_VARIABLES);
  if (wrong)
    throw invalidArgument([
      { field: 'templates', description: `must have at most ${MAX_LITERAL} characters and ${MAX_VARIABLES} variables` },
    ]);
}
