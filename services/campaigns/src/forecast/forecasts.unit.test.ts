import { describe, expect, it } from 'vitest';
import { Campaign, CampaignState } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { ChannelBacklog } from '@tocsin/contracts/routing/v1/backlogs';
import { createObservability } from '@tocsin/observability';
import { Forecaster } from './forecaster.js';
import { Forecasts } from './forecasts.js';

const TERMS = { weight: 1, limits: undefined };

const NOW = 1_764_000_000_000;

function campaign(state: CampaignState): Campaign {
  return Campaign.fromPartial({
    campaignId: 'mine',
    tenantId: 'me',
    lane: Lane.STANDARD,
    state,
    channels: ['sms'],
    expiresAt: NOW + 60_000,
    estimate: { channels: [{ channel: 'sms', recipients: 1_000, units: 90_000, unitsWithoutAccents: 90_000 }] },
  });
}

function forecasts(forecaster: Forecaster): Forecasts {
  return new Forecasts(forecaster, createObservability({ service: 'test', instanceId: 'test', logLevel: 'error' }));
}

const sms = ChannelBacklog.fromPartial({ channel: 'sms', at: NOW, rate: 100 });

describe('forecasts where people decide', () => {
  it('a campaign that would be late is refused with what would do, unless that is accepted', () => {
    const late = forecasts(new Forecaster({ backlogOf: () => sms, isHeld: () => false, now: () => NOW }));
    expect(() => late.checkInTime(campaign(CampaignState.DRAFT), TERMS, false)).toThrow(
      expect.objectContaining({ reason: 'COMPLETES_AFTER_EXPIRY' }) as Error,
    );
    expect(late.checkInTime(campaign(CampaignState.DRAFT), TERMS, true)?.late).toBe(true);
  });

  it('a defect holds back no release and no reader', () => {
    const broken = forecasts(
      new Forecaster({
        isHeld: () => false,
        backlogOf: () => {
          throw new Error('a defect');
        },
        now: () => NOW,
      }),
    );
    expect(broken.checkInTime(campaign(CampaignState.DRAFT), TERMS, false)).toBeUndefined();
    expect(broken.running(campaign(CampaignState.RUNNING))).toBeUndefined();
  });

  it('a defect in the remedies alone holds back no release either', () => {
    class WithoutRemedies extends Forecaster {
      override remedies(): never {
        throw new Error('a defect');
      }
    }
    const broken = forecasts(new WithoutRemedies({ backlogOf: () => sms, isHeld: () => false, now: () => NOW }));
    expect(broken.checkInTime(campaign(CampaignState.DRAFT), TERMS, false)?.late).toBe(true);
  });
});
