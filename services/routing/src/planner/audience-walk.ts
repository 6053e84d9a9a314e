import { AudienceServiceDefinition, type AudienceChannel, type WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { onBehalfOf, serviceCaller, type GrpcChannel } from '@tocsin/grpc';

/** A stream of pages lives this long at most, ms; a plan that had to wait longer opens another one where it stopped. */
const STREAM_DEADLINE_MS = 120_000;

/** The pages of an audience from after a position on, read one at a time: the stream waits while the plan waits for its turn. */
export class AudienceWalk {
  private readonly pages: AsyncIterator<WalkAudienceResponse>;
  private readonly abort = new AbortController();
  private early: Promise<IteratorResult<WalkAudienceResponse>> | undefined;

  constructor(subscribers: GrpcChannel, campaign: Campaign, channels: readonly AudienceChannel[], afterPosition: string) {
    const client = subscribers.client(AudienceServiceDefinition);
    const { tenantId, audience, purpose } = campaign;
    const caller = { ...serviceCaller('routing'), tenantId };
    const options = { ...onBehalfOf(caller, STREAM_DEADLINE_MS), signal: this.abort.signal };
    const request = { tenantId, audience, channels: [...channels], purpose, afterPosition };
    this.pages = client.walkAudience(request, options)[Symbol.asyncIterator]();
  }

  /** Asks for the first page before anybody waits for it; a failure is told by `next`. */
  begin(): void {
    this.early = this.pages.next();
    this.early.catch(() => undefined);
  }

  /** undefined: no page after the last one. */
  async next(): Promise<WalkAudienceResponse | undefined> {
    const { early } = this;
    this.early = undefined;
    const page = await (early ?? this.pages.next());
    return page.done === true ? undefined : page.value;
  }

  /** Ends the stream without awaiting it; its pages are not wanted any more. */
  cancel(): void {
    this.abort.abort();
    void this.pages.return?.().then(undefined, () => undefined);
  }
}
