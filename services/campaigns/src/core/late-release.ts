import { LANES } from '@tocsin/contracts';
import { type Campaign, type Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { TocsinError } from '@tocsin/errors';
import type { Demand } from './release-demand.js';

/** What would let the campaign be complete before it expires; computed, each by a forecast of its own. */
export interface Remedies {
  /** Unix ms, on a whole minute. */
  readonly expiryThatFits: number;
  readonly recipientsInTime: number;
  /** Channels of the campaign that are complete in time, when not all are late. */
  readonly channelsInTime: readonly string[];
  /** The least severe lane that would do, never life-safety: that is for lives, not for haste. */
  readonly laneThatFits: Lane | undefined;
  readonly withoutAccents: boolean;
  readonly withoutPace: boolean;
}

/** The campaign as it would be in another lane, or with other demands. */
export interface WhatIf {
  /** 0 = most severe. */
  readonly lane?: number;
  readonly demands?: readonly Demand[];
}

const MINUTE_MS = 60_000;
/** Part of the time it takes that a better expiry leaves: things change until the release is repeated. */
const ROOM = 0.1;
/** 0 = most severe: the most severe lane that a remedy names. */
const URGENT = 1;

export type LateVerdict = 'in-time' | 'warned' | 'refused';

/**
 * A life-safety campaign is never held back by a forecast, unless nobody at all would be reached in time on any of its channels: then a person must say so. `mostInTime`: recipients reached in time
 * on the channel where they are most; asked only where it decides.
 */
export function judgeLate(campaign: Pick<Campaign, 'lane'>, forecast: Forecast | undefined, mostInTime: () => number): LateVerdict {
  if (!forecast?.late) return 'in-time';
  return campaign.lane === Lane.LIFE_SAFETY && mostInTime() > 0 ? 'warned' : 'refused';
}

/** Tries what could help; `foresee` answers the forecast of the campaign changed like that. */
export function remediesOf(
  campaign: Pick<Campaign, 'expiresAt' | 'lane' | 'scheduledAt'>,
  demands: readonly Demand[],
  forecast: Forecast,
  now: number,
  foresee: (change: WhatIf) => Forecast | undefined,
): Remedies {
  const { expiresAt, lane, scheduledAt } = campaign;
  const fits = (change: WhatIf): boolean => {
    const other = foresee(change);
    return other !== undefined && other.p95 <= expiresAt;
  };
  const changed = (some: boolean, change: (demand: Demand) => Demand): boolean => some && fits({ demands: demands.map(change) });
  let severer: number | undefined;
  for (let place = lane - 2; place >= URGENT && severer === undefined; place--) if (fits({ lane: place })) severer = place;
  const start = Math.max(now, scheduledAt);
  const inTime = forecast.channels.filter(({ p95 }) => p95 <= expiresAt).map(({ channel }) => channel);
  return {
    expiryThatFits: Math.ceil((forecast.p95 + (forecast.p95 - start) * ROOM) / MINUTE_MS) * MINUTE_MS,
    recipientsInTime: forecast.recipientsInTime,
    channelsInTime: inTime,
    laneThatFits: severer === undefined ? undefined : LANES[severer]?.lane,
    withoutAccents: changed(
      demands.some(({ units, unitsWithoutAccents }) => unitsWithoutAccents < units),
      (demand) => ({ ...demand, units: demand.unitsWithoutAccents }),
    ),
    withoutPace: changed(
      demands.some(({ pace }) => pace > 0),
      (demand) => ({ ...demand, pace: 0 }),
    ),
  };
}

/** FAILED_PRECONDITION: it would expire before it is complete; says what would do, and that it may be released all the same. */
export function completesAfterExpiry(campaign: Pick<Campaign, 'expiresAt'>, forecast: Forecast, remedies: Remedies): TocsinError {
  const lane = LANES.find((row) => row.lane === remedies.laneThatFits)?.name;
  const would = [
    `an expiry of ${time(remedies.expiryThatFits)} or later`,
    remedies.recipientsInTime > 0 ? `an audience of at most ${remedies.recipientsInTime} recipients` : '',
    remedies.channelsInTime.length > 0 ? `only the channels ${remedies.channelsInTime.join(', ')}` : '',
    lane === undefined ? '' : `the lane ${lane}, where it is right`,
    remedies.withoutAccents ? 'words without the accents that cost' : '',
    remedies.withoutPace ? 'no pace' : '',
    'accept_late, to release it as it is',
  ].filter((one) => one !== '');
  const message = `It would be complete by ${time(forecast.p95)} (p95), after its expiry at ${time(campaign.expiresAt)}. What would do: ${would.join('; ')}.`;
  return new TocsinError('FAILED_PRECONDITION', 'COMPLETES_AFTER_EXPIRY', message, {
    metadata: {
      p50: String(forecast.p50),
      p95: String(forecast.p95),
      expiry_that_fits: String(remedies.expiryThatFits),
      recipients_in_time: String(remedies.recipientsInTime),
      ...(remedies.channelsInTime.length > 0 ? { channels_in_time: remedies.channelsInTime.join(',') } : {}),
      ...(lane === undefined ? {} : { lane_that_fits: lane }),
      ...(remedies.withoutAccents ? { without_accents: 'true' } : {}),
      ...(remedies.withoutPace ? { without_pace: 'true' } : {}),
    },
  });
}

/** ISO 8601 in UTC, to the second. */
function time(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
