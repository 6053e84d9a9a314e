export { FairLanes } from './fair-lanes.js';
export type { FairLanesSnapshot, FairPick, FlowSnapshot } from './fair-lanes.js';
export { fluidCompletion } from './fluid.js';
export type { FluidRelease } from './fluid.js';
export { TokenBucket } from './token-bucket.js';
