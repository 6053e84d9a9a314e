import type { WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';

/** Whom a campaign goes to, a page at a time, from after a position on. */
export interface PageWalk {
  /** undefined: no page after the last one. A page without contacts that moves on nowhere says that the next one is not there yet. */
  next(): Promise<WalkAudienceResponse | undefined>;
  /** ms to leave it alone: what it waits for is not there yet. */
  restMs(): number;
  /** Ends it without awaiting; its pages are not wanted any more. */
  cancel(): void;
}
