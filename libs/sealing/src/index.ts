export { loadSealer } from './sealer.js';
export type { Sealer, UnsubscribeClaim } from './sealer.js';
