/** Recipients of a slice: one ledger document, one unit of planning; measured best between 100 and 500 on the embedded store. */
export const SLICE_SIZE = 250;
/** Contacts of a register page (the bucket pattern). */
export const PAGE_SIZE = 250;
