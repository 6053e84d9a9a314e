/** Recipients of a slice: one ledger document, one unit of planning; measured best between 100 and 500 on the embedded store. */
export const SLICE_SIZE = 250;
/** Contacts of a register page (the bucket pattern). */
export const PAGE_SIZE = 250;
/**
 * Items of standard and bulk that an instance of a channel holds in order before it leaves the rest in Kafka: four granted windows at 500/s; bounds its
 * memory when a provider crawls. What is granted beyond it waits in the order of its arrival, so a scheduler must stay well below.
 */
export const CHANNEL_HOLDS = 2_000;
