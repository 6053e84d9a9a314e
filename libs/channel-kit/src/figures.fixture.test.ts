import type { ChannelFigures } from './metrics.js';

const zero = (): number => 0;

/** Of a channel that has done nothing. */
export const NO_FIGURES: ChannelFigures = {
  held: zero,
  inDoubt: zero,
  inDoubtLimit: zero,
  acceptedKnown: zero,
  acceptedEvicted: zero,
  unmatchedWaiting: zero,
  receiptsWaiting: zero,
  suppressions: zero,
};
