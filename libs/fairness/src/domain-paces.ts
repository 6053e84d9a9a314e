import { TokenBucket } from './token-bucket.js';

/** Destination domains with a bucket at once, about 200 B each; beyond it the one used longest ago is forgotten, and starts full again. */
const MAX_DOMAINS = 10_000;

/**
 * Mails count per destination domain beside the relay's own pace: each domain has a rate of its own, and one that is exhausted or throttles holds up
 * no other. Domains come as hashes. Monotonic ms come in.
 */
export class DomainPaces {
  private readonly buckets = new Map<string, TokenBucket>();

  /** `rateOf`: mails a second that a domain takes. */
  constructor(private readonly rateOf: (domain: string) => number) {}

  ready(domain: string, now: number): boolean {
    return this.bucket(domain, now).ready(now);
  }

  /** Call only when ready. */
  take(domain: string, mails: number, now: number): void {
    this.bucket(domain, now).take(mails, now);
  }

  /** ms until ready. */
  waitMs(domain: string, now: number): number {
    return this.bucket(domain, now).waitMs(now);
  }

  /** The domain asked to slow down. */
  throttle(domain: string, now: number): void {
    this.bucket(domain, now).throttle(now);
  }

  private bucket(domain: string, now: number): TokenBucket {
    const bucket = this.buckets.get(domain) ?? new TokenBucket(this.rateOf(domain), now);
    this.buckets.delete(domain);
    this.buckets.set(domain, bucket);
    if (this.buckets.size > MAX_DOMAINS) for (const oldest of this.buckets.keys()) if (this.buckets.delete(oldest)) break;
    return bucket;
  }
}
