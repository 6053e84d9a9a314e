import type { IncomingRecord } from '@tocsin/kafka';
import { URGENT_LANE } from './urgent-lane.js';

/**
 * The records of a batch with its urgent releases in front: a hundred communes that release together hold up no alert. Whatever else is said of a
 * campaign comes after its release, as it did.
 */
export function urgentFirst(records: readonly IncomingRecord[]): readonly IncomingRecord[] {
  const urgent = records.filter(isUrgentRelease);
  return urgent.length === 0 ? records : [...urgent, ...records.filter((record) => !isUrgentRelease(record))];
}

function isUrgentRelease({ envelope }: IncomingRecord): boolean {
  return envelope?.type === 'tocsin.campaigns.v1.CampaignReleased' && envelope.lane > 0 && envelope.lane <= URGENT_LANE;
}
