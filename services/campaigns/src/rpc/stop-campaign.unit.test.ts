import { CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { StopCampaignRequest } from '@tocsin/contracts/campaigns/v1/campaigns_service';
import { Caller } from '@tocsin/contracts/tenants/v1/tenants_service';
import type { AggregateStore } from '@tocsin/mongo';
import { errorOf } from '@tocsin/testing';
import { describe, expect, it } from 'vitest';
import { Campaigns, type CampaignsDeps } from '../campaigns.js';
import type { CampaignRecord } from '../core/campaign-record.js';
import type { ServiceParts } from './service-parts.js';
import { stopCampaignRpc } from './stop-campaign.js';

const TENANT = 'ten_00000000000000000000000000';
const CAMPAIGN = 'cmp_00000000000000000000000000';

/** A campaign that was stopped already, in a store that says whether Kafka has it. */
function partsWith(told: boolean): ServiceParts {
  const campaign = { tenantId: TENANT, campaignId: CAMPAIGN, state: CampaignState.STOPPED };
  const stored = { state: { campaign } as unknown as CampaignRecord, version: 3 };
  const store: Partial<AggregateStore<CampaignRecord>> = {
    update: () => Promise.resolve(stored),
    told: () => Promise.resolve(told),
  };
  const deps = {
    store,
    tallies: { get: () => Promise.resolve(null) },
    changes: { notify: () => undefined },
    forecastOf: () => undefined,
    now: () => 1,
  };
  return { campaigns: new Campaigns(deps as unknown as CampaignsDeps), now: () => 1 } as unknown as ServiceParts;
}

const stop = (told: boolean) =>
  stopCampaignRpc(
    partsWith(told),
    Caller.fromPartial({ tenantId: TENANT }),
    StopCampaignRequest.fromPartial({ tenantId: TENANT, campaignId: CAMPAIGN }),
  );

describe('a stop', () => {
  it('is answered once those who send can have heard of it', async () => {
    expect((await stop(true)).campaign?.state).toBe(CampaignState.STOPPED);
  });

  it('is not answered OK while Kafka does not have it', async () => {
    expect(await errorOf(stop(false))).toMatchObject({ code: 'UNAVAILABLE', reason: 'STOP_NOT_TOLD' });
  });
});
