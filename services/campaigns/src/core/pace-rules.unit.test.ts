import { describe, expect, it } from 'vitest';
import { Campaign, type Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError, Violations } from '@tocsin/errors';
import { checkPace, checkPaceFits, pacedDuration, pacedRecipients } from './pace-rules.js';

const HOUR = 3_600_000;

function refused(pace: Pace | undefined, spare = 2 * HOUR): string[] {
  const violations = new Violations();
  checkPace(violations, pace, spare);
  try {
    violations.raise();
    return [];
  } catch (error) {
    if (error instanceof TocsinError) return error.fieldViolations.map(({ field }) => field);
    throw error;
  }
}

describe('a pace', () => {
  const rows: readonly [label: string, pace: Pace | undefined, fields: string[]][] = [
    ['may be left out', undefined, []],
    ['may be a spread up to the expiry', { spreadSeconds: 7_200, perMinute: 0 }, []],
    ['may not spread beyond it', { spreadSeconds: 7_201, perMinute: 0 }, ['content.pace.spread_seconds']],
    ['may not be a spread too short to be one', { spreadSeconds: 9, perMinute: 0 }, ['content.pace.spread_seconds']],
    ['may be one a minute', { spreadSeconds: 0, perMinute: 1 }, []],
    ['may not be more than any provider takes', { spreadSeconds: 0, perMinute: 1_000_001 }, ['content.pace.per_minute']],
    ['may not be both', { spreadSeconds: 3_600, perMinute: 60 }, ['content.pace']],
    ['may not be nothing', { spreadSeconds: 0, perMinute: 0 }, ['content.pace']],
  ];
  it.each(rows)('%s', (_label, pace, fields) => {
    expect(refused(pace)).toEqual(fields);
  });

  it('says how long it makes a campaign take: the first leaves at once', () => {
    expect(pacedDuration(undefined, 1_000)).toBe(0);
    expect(pacedDuration({ spreadSeconds: 600, perMinute: 0 }, 1_000)).toBe(600_000);
    expect(pacedDuration({ spreadSeconds: 0, perMinute: 60 }, 121)).toBe(120_000);
    expect(pacedDuration({ spreadSeconds: 0, perMinute: 60 }, 0)).toBe(0);
  });

  it('that ends after the expiry is refused at the release, one that just fits is not', () => {
    const campaign = Campaign.fromPartial({ pace: { perMinute: 60 }, estimatedRecipients: 121, expiresAt: 1_000_000 });
    expect(() => checkPaceFits(campaign, 880_000)).not.toThrow();
    expect(() => checkPaceFits(campaign, 880_001)).toThrow('At its pace the campaign would end after its expiry');
  });

  it('is kept by each channel for itself: the fullest one counts, not all recipients together', () => {
    const campaign = Campaign.fromPartial({
      pace: { perMinute: 60 },
      estimatedRecipients: 241,
      estimate: {
        channels: [
          { channel: 'sms', recipients: 121, units: 121 },
          { channel: 'email', recipients: 120, units: 120 },
        ],
      },
      expiresAt: 1_000_000,
    });
    expect(pacedDuration(campaign.pace, pacedRecipients(campaign))).toBe(120_000);
    expect(() => checkPaceFits(campaign, 880_000)).not.toThrow();
    expect(() => checkPaceFits(campaign, 880_001)).toThrow('At its pace the campaign would end after its expiry');
  });
});
