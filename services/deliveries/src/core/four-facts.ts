import type { Lane } from '@tocsin/contracts/common/v1/common';
import { type Column, Flag, has, type Slice } from './slice.js';
import { Standing } from './states.js';

/** The four facts of a delivery that are never added up or taken for one another. */
export const FOUR_FACTS = ['handed-over', 'accepted', 'on-device', 'confirmed'] as const;
export type FourFact = (typeof FOUR_FACTS)[number];

/** A delivery of which one of the four became true. */
export interface NewFact {
  readonly fact: FourFact;
  readonly channel: string;
  /** LANE_UNSPECIFIED while no attempt said it. */
  readonly lane: Lane;
  /** ms from the hand-over to the provider's report; of 'on-device' only, and when both are known. */
  readonly sinceHandOver: number | undefined;
}

export type FactListener = (fact: NewFact) => void;

export const FACTS_OF_NOBODY: FactListener = () => undefined;

/** Runs a fold of one delivery and tells which of the four facts it made true; what was true before is not told again. */
export function telling(slice: Slice, column: Column, index: number, tell: FactListener, foldOne: () => void): void {
  const flags = column.flags[index] ?? 0;
  const onDevice = column.standing[index] === Standing.DELIVERED;
  foldOne();
  const { channel } = column;
  const { lane } = slice;
  const say = (fact: FourFact, sinceHandOver?: number): void => tell({ fact, channel, lane, sinceHandOver });
  const rose = (flag: number): boolean => (flags & flag) === 0 && has(column, index, flag);
  if (rose(Flag.HANDED_OVER)) say('handed-over');
  if (rose(Flag.ACCEPTED)) say('accepted');
  if (!onDevice && column.standing[index] === Standing.DELIVERED) say('on-device', sinceHandOver(column, index));
  if (rose(Flag.CONFIRMED)) say('confirmed');
}

function sinceHandOver(column: Column, index: number): number | undefined {
  const submitted = column.submitted[index] ?? 0;
  // A receipt may be folded before its attempt, which alone says when it was handed over.
  return submitted === 0 ? undefined : Math.max(0, (column.settled[index] ?? 0) - submitted);
}
