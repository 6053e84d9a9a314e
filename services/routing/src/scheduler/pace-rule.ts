import type { Allowance } from '@tocsin/fairness';
import type { CampaignQueue } from './campaign-queue.js';

/** Seconds of its rate that a pace lets go at once: covers two looks of a scheduler at it, and is far below what anybody notices. */
export const PACE_BURST_S = 0.1;

/** Seconds of its rate that a pace lets lie unanswered in a channel: what a severer lane holds up there leaves at once afterwards. */
const IN_FLIGHT_S = 0.5;
/** Less would make one slow answer slow the campaign. */
const MIN_IN_FLIGHT = 2;

/** Items of a paced campaign that may be granted and unanswered. */
export function pacedInFlight({ perSecond }: Allowance): number {
  return Math.max(MIN_IN_FLIGHT, Math.ceil(perSecond * IN_FLIGHT_S));
}

/** What the campaign's pace allows now, in hand-overs; undefined = no pace, or its window is over. */
export function paceRule(queue: CampaignQueue, now: number): Allowance | undefined {
  const pace = queue.frame?.pace;
  if (!pace) return undefined;
  const perSecond = pace.perMinute > 0 ? pace.perMinute / 60 : spreadRate(queue, now);
  return perSecond === undefined ? undefined : { capacity: perSecond * PACE_BURST_S, perSecond };
}

/** What is left over what is left of the window: after a stand-still the rest goes evenly too, and nothing is caught up in a burst. */
function spreadRate(queue: CampaignQueue, now: number): number | undefined {
  const { frame, items, gone, slices } = queue;
  if (!frame?.pace) return undefined;
  const left = (frame.releasedAt + frame.pace.spreadSeconds * 1_000 - now) / 1_000;
  if (left <= 0) return undefined;
  const total = slices === undefined ? Math.max(items, frame.estimatedRecipients ?? 0) : items;
  return Math.max(1, total - gone) / left;
}
