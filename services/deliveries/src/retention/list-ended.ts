import type { DayLists } from '@tocsin/mongo';
import { isSettled } from '../core/part.js';
import type { ResidentPart } from '../ledger/resident.js';

/** The list of a ledger partition. */
export function endedList(partition: number): string {
  return String(partition);
}

/** Puts parts that have ended under the day their recipients go; before the part itself is written, so that a crash between the two loses none. */
export async function listEnded(parts: readonly ResidentPart[], lists: DayLists, today: number, recipientDays: number): Promise<void> {
  const fresh = parts.filter(mustBeListed);
  const dayOf = ({ part }: ResidentPart): number => today + (part.plan?.recipientDays ?? recipientDays);
  for (const own of Map.groupBy(fresh, (resident) => `${resident.part.partition} ${dayOf(resident)}`).values()) {
    const first = own[0];
    if (!first) continue;
    await lists.add(
      endedList(first.part.partition),
      dayOf(first),
      own.map(({ part }) => part.campaignId),
    );
    for (const resident of own) resident.listed = true;
  }
}

/** It has ended and stands in no list yet: it may not be written so. */
export function mustBeListed({ part, listed }: ResidentPart): boolean {
  return !listed && part.slices.size > 0 && !part.trimmed && isSettled(part);
}
