import { describe, expect, it } from 'vitest';
import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { PreviewCampaignRequest } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Manifest } from '@tocsin/contracts/channels/v1/channels';
import { serviceCaller } from '@tocsin/grpc';
import { previewCampaignRpc } from './preview-campaign.js';
import type { ServiceParts } from './service-parts.js';

const campaign = Campaign.fromPartial({
  campaignId: 'cmp_1',
  tenantId: 'ten_1',
  state: CampaignState.DRAFT,
  channels: ['sms'],
  messages: [{ channel: 'sms', body: 'Crue' }],
});

describe('a preview', () => {
  it('that its client gives up is given up by those who count, too', async () => {
    let counting: AbortSignal | undefined;
    const parts = {
      campaigns: { record: () => Promise.resolve({ campaign }) },
      tenants: { getTenant: () => Promise.resolve({ tenant: { weight: 1 } }) },
      manifestOf: () => Manifest.fromPartial({ costUnit: 'segment' }),
      audience: {
        estimateAudience: (_request: unknown, options: { signal?: AbortSignal }) => {
          counting = options.signal;
          return new Promise((_resolve, reject) => options.signal?.addEventListener('abort', () => reject(new Error('given up'))));
        },
      },
    } as unknown as ServiceParts;
    const client = new AbortController();
    const request = PreviewCampaignRequest.fromPartial({ tenantId: 'ten_1', campaignId: 'cmp_1' });
    const preview = previewCampaignRpc(parts, serviceCaller('test'), request, client.signal);
    await expect.poll(() => counting?.aborted).toBe(false);
    client.abort();
    await expect(preview).rejects.toThrow('given up');
  });
});
