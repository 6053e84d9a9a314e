export { FairLanes } from './fair-lanes.js';
export type { FairLanesSnapshot, FairPick, FlowSnapshot } from './fair-lanes.js';
export { fluidCompletion } from './fluid.js';
export type { FluidRelease } from './fluid.js';
export { burstOf, openBucket, paceOf, setRate, take, throttle, waitFor } from './token-bucket.js';
export type { Bucket } from './token-bucket.js';
