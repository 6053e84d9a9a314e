import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Decision } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import type { CampaignRecord } from '../core/campaign-record.js';
import { Changes } from '../watch/changes.js';
import { Scheduler, type ScheduleMarker, type SchedulerDeps } from './scheduler.js';

const { logger } = createObservability({ service: 'test', instanceId: 'scheduler-test', logLevel: 'error' });
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
/** Two looks of the scheduler, ms. */
const LOOKED = 1_200;

describe('a scheduled campaign whose time has come', () => {
  let scheduler: Scheduler | undefined;
  afterEach(async () => await scheduler?.stop());

  function scheduled(expiresAt: number, isSuspended: () => Promise<boolean>): { stateOf(): CampaignState } {
    const campaign = Campaign.fromPartial({
      campaignId: 'cmp_1',
      tenantId: 'ten_1',
      state: CampaignState.SCHEDULED,
      scheduledAt: NOW,
      expiresAt,
    });
    const release = { tenantWeight: 1, smsSender: 'VILLE', mailFrom: '', tenantName: 'Ville' };
    let state: CampaignRecord = { campaign, createdFrom: 'x', release };
    const markers = new Map<string, ScheduleMarker>([['1:cmp_1', { _id: '1:cmp_1', v: 1, campaignId: 'cmp_1', at: NOW }]]);
    const store = {
      get: () => Promise.resolve({ state, version: 1 }),
      update(_id: string, decide: (stored: CampaignRecord, version: number) => Decision<CampaignRecord> | null) {
        state = decide(state, 1)?.state ?? state;
        return Promise.resolve({ state, version: 2 });
      },
    };
    const documents = { all: () => Promise.resolve([...markers.values()]), remove: (id: string) => Promise.resolve(markers.delete(id)) };
    const deps = { store, markers: documents, changes: new Changes(), logger, now: () => NOW + MINUTE, isSuspended };
    scheduler = new Scheduler(deps as unknown as SchedulerDeps);
    scheduler.start();
    return { stateOf: () => state.campaign.state };
  }

  it.each([
    ['leaves', NOW + 10 * MINUTE, false, CampaignState.RUNNING],
    ['waits while its tenant is suspended', NOW + 10 * MINUTE, true, CampaignState.SCHEDULED],
    ['is expired when it has slept through its expiry, suspended or not', NOW + MINUTE, true, CampaignState.EXPIRED],
  ])('%s', async (_label, expiresAt, suspended, expected) => {
    const world = scheduled(expiresAt, () => Promise.resolve(suspended));
    await pause(LOOKED);
    expect(world.stateOf()).toBe(expected);
  });
});
