import type { Pace } from './gen/tocsin/campaigns/v1/campaign.js';

/** Cost units a second that a pace allows a campaign of so many units and recipients on a channel; 0 = as many as its share. */
export function paceUnitsPerSecond(pace: Pace | undefined, units: number, recipients: number): number {
  if (!pace) return 0;
  if (pace.spreadSeconds > 0) return units / pace.spreadSeconds;
  const people = Math.max(1, recipients);
  return ((pace.perMinute / 60) * Math.max(units, people)) / people;
}
