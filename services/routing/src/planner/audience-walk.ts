import { AudienceServiceDefinition, type AudienceChannel, type WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { onBehalfOf, serviceCaller, type GrpcChannel } from '@tocsin/grpc';
import type { Clock } from '@tocsin/service-kit';
import type { PageWalk } from './page-walk.js';

/** A stream of pages lives this long at most, ms. */
const STREAM_DEADLINE_MS = 120_000;
/** From this age on the next page comes from a new stream, ms: the old one would end soon, in the middle of a page. */
const STREAM_AGE_MS = 90_000;

interface OpenStream {
  readonly pages: AsyncIterator<WalkAudienceResponse>;
  readonly abort: AbortController;
  /** Monotonic ms. */
  readonly since: number;
}

/**
 * The pages of an audience from after a position on, read one at a time: the stream waits while the plan waits for its turn, and a plan that waits or rests for
 * longer than a stream lives gets another one where it stopped.
 */
export class AudienceWalk implements PageWalk {
  private stream: OpenStream;
  private early: Promise<IteratorResult<WalkAudienceResponse>> | undefined;

  constructor(
    private readonly subscribers: GrpcChannel,
    private readonly campaign: Campaign,
    private readonly channels: readonly AudienceChannel[],
    /** Of the last page read. */
    private position: string,
    private readonly clock: Clock,
  ) {
    this.stream = this.open();
  }

  /** Asks for the first page before anybody waits for it; a failure is told by `next`. */
  begin(): void {
    this.early = this.stream.pages.next();
    this.early.catch(() => undefined);
  }

  /** undefined: no page after the last one. */
  async next(): Promise<WalkAudienceResponse | undefined> {
    const { early } = this;
    this.early = undefined;
    if (!early && this.clock.monotonic() - this.stream.since >= STREAM_AGE_MS) {
      this.cancel();
      this.stream = this.open();
    }
    const page = await (early ?? this.stream.pages.next());
    if (page.done === true) return undefined;
    this.position = page.value.position;
    return page.value;
  }

  restMs(): number {
    return 0;
  }

  /** Ends the stream without awaiting it; its pages are not wanted any more. */
  cancel(): void {
    const { abort, pages } = this.stream;
    abort.abort();
    void pages.return?.().then(undefined, () => undefined);
  }

  private open(): OpenStream {
    const { tenantId, audience, purpose } = this.campaign;
    const abort = new AbortController();
    const options = { ...onBehalfOf({ ...serviceCaller('routing'), tenantId }, STREAM_DEADLINE_MS), signal: abort.signal };
    const request = { tenantId, audience, channels: [...this.channels], purpose, afterPosition: this.position };
    const pages = this.subscribers.client(AudienceServiceDefinition).walkAudience(request, options)[Symbol.asyncIterator]();
    return { pages, abort, since: this.clock.monotonic() };
  }
}
