import type { Campaign, Pace } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError, type Violations } from '@tocsin/errors';

/** Seconds: a shorter spread is nothing but a rate nobody can notice, a longer one than any validity. */
const SPREAD_SECONDS = { min: 10, max: 30 * 24 * 60 * 60 };
/** More a minute than any provider takes is no pace. */
const MAX_PER_MINUTE = 1_000_000;

/** `spare`: ms between the start (the schedule, or now) and the expiry. */
export function checkPace(violations: Violations, pace: Pace | undefined, spare: number): void {
  if (!pace) return;
  const { spreadSeconds, perMinute } = pace;
  violations.check('content.pace', spreadSeconds > 0 !== perMinute > 0, 'must be a spread or a number a minute, and not both');
  violations.check('content.pace.per_minute', perMinute <= MAX_PER_MINUTE, `must be at most ${MAX_PER_MINUTE}`);
  if (spreadSeconds === 0) return;
  const { min, max } = SPREAD_SECONDS;
  violations.check('content.pace.spread_seconds', spreadSeconds >= min && spreadSeconds <= max, `must be ${min} s to 30 days`);
  violations.check('content.pace.spread_seconds', spreadSeconds * 1_000 <= spare, 'must end before the expiry');
}

/** Recipients of its fullest channel, since each channel keeps the pace for itself; all of them where no preview has counted by channel. */
export function pacedRecipients({ estimate, estimatedRecipients }: Pick<Campaign, 'estimate' | 'estimatedRecipients'>): number {
  const counted = estimate?.channels ?? [];
  return counted.length > 0 ? Math.max(...counted.map(({ recipients }) => recipients)) : estimatedRecipients;
}

/** ms that the pace alone makes a channel of so many recipients take; 0 = no pace. */
export function pacedDuration(pace: Pace | undefined, recipients: number): number {
  if (!pace) return 0;
  if (pace.spreadSeconds > 0) return pace.spreadSeconds * 1_000;
  return pace.perMinute > 0 ? Math.ceil((Math.max(0, recipients - 1) * 60_000) / pace.perMinute) : 0;
}

/** Refuses to release what cannot be done at its own pace before it expires. `start`: when it leaves, Unix ms. */
export function checkPaceFits(campaign: Campaign, start: number): void {
  if (start + pacedDuration(campaign.pace, pacedRecipients(campaign)) <= campaign.expiresAt) return;
  throw new TocsinError(
    'FAILED_PRECONDITION',
    'PACE_ENDS_AFTER_EXPIRY',
    'At its pace the campaign would end after its expiry: let it go faster, expire later, or reach fewer people.',
  );
}
