import type { FairLanes } from './fair-lanes.js';

/** What a scheduler asks of a policy, whichever it is: who is next, and what became of it. FairLanes says what each call means. */
export type LaneOrder = Pick<FairLanes, keyof FairLanes>;
