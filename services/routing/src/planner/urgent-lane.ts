/** life-safety and urgent: lanes at least this severe wait for no budget of the store and for nobody's batch. */
export const URGENT_LANE = 2;
