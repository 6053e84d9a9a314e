import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import { type ListRecipientsResponse, RecipientFilter, ReportsServiceDefinition } from '@tocsin/contracts/deliveries/v1/reports_service';
import { WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { SLICE_SIZE } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import { onBehalfOf, serviceCaller, type GrpcChannel } from '@tocsin/grpc';
import type { PageWalk } from './page-walk.js';
import type { PlanStore } from './plan-store.js';
import { sealKeyOf, type SliceDocument } from './slice-document.js';
import { isUnsettled, slicesOf, toldOf } from './submitted-page.js';

/** ms one page of the ledger may take. */
const PAGE_DEADLINE_MS = 5_000;
/** ms between two looks at a page that is not settled yet: the ledger writes a slice at most once a second. */
const LOOK_AGAIN_MS = 200;
/** Position behind the last page; every other one is a page token of the ledger. */
const END = 'end';

/**
 * Those to whom another campaign was submitted, in the order of its slices: the ledger's pages, each once nothing of it is outstanding. The original was closed before its correction was released, so that no page has more
 * to come behind its cursor, and the first correction waits for its own page only.
 */
export class CorrectionWalk implements PageWalk {
  private waiting = false;

  constructor(
    private readonly deps: { readonly deliveries: GrpcChannel; readonly store: PlanStore },
    private readonly campaign: Campaign,
    private readonly original: string,
    /** Of the last page read. */
    private position: string,
  ) {}

  async next(): Promise<WalkAudienceResponse | undefined> {
    this.waiting = false;
    if (this.position === END) return undefined;
    const page = await this.read();
    if (page === undefined) return this.notYet();
    const last = page.nextPageToken === '';
    if (isUnsettled(page.recipients) || (last && !(await this.isComplete()))) {
      return this.notYet();
    }
    const slices = await this.slicesOf(page);
    const { contacts, missing } = toldOf(page.recipients, (slice) => slices.get(slice));
    this.position = last ? END : page.nextPageToken;
    const [first] = slices.values();
    return WalkAudienceResponse.fromPartial({
      position: this.position,
      contacts,
      notReachable: missing > 0 ? [{ reason: 'ORIGINAL_REMOVED', count: missing }] : [],
      ...(first && { sealKey: sealKeyOf(first) }),
      last,
    });
  }

  restMs(): number {
    return this.waiting ? LOOK_AGAIN_MS : 0;
  }

  cancel(): void {
    this.waiting = false;
  }

  private notYet(): WalkAudienceResponse {
    this.waiting = true;
    return WalkAudienceResponse.fromPartial({ position: this.position });
  }

  /** undefined: the ledger has not heard of the original yet. */
  private async read(): Promise<ListRecipientsResponse | undefined> {
    const { tenantId } = this.campaign;
    const request = {
      tenantId,
      campaignId: this.original,
      filter: RecipientFilter.UNSPECIFIED,
      pageSize: SLICE_SIZE,
      pageToken: this.position,
    };
    try {
      return await this.reports().listRecipients(request, this.call());
    } catch (error) {
      if (!(error instanceof TocsinError)) throw error;
      if (error.code === 'NOT_FOUND' && !(await this.reachedNobody())) return undefined;
      // Its recipients were removed at the end of their retention: nobody can be told any more.
      if (error.code === 'FAILED_PRECONDITION') throw new TocsinError('NOT_FOUND', 'ORIGINAL_REMOVED', error.message);
      throw error;
    }
  }

  /** Its plan has ended without a recipient, or was forgotten long ago. */
  private async reachedNobody(): Promise<boolean> {
    const plan = await this.deps.store.get(this.original);
    return plan === null || plan.closed?.recipients === 0;
  }

  /** The ledger has every slice of the original: what it does not list was never granted. */
  private async isComplete(): Promise<boolean> {
    const plan = await this.deps.store.get(this.original);
    if (!plan?.closed) return plan === null;
    const { tally } = await this.reports().getTally({ tenantId: this.campaign.tenantId, campaignId: this.original }, this.call());
    return (tally?.recipients ?? 0) >= plan.closed.recipients;
  }

  private async slicesOf(page: ListRecipientsResponse): Promise<ReadonlyMap<number, SliceDocument>> {
    const read = [...slicesOf(page.recipients)].map(async (slice) => [slice, await this.deps.store.slice(this.original, slice)] as const);
    return new Map((await Promise.all(read)).flatMap(([slice, document]) => (document ? [[slice, document] as const] : [])));
  }

  private reports() {
    return this.deps.deliveries.client(ReportsServiceDefinition);
  }

  private call() {
    return onBehalfOf({ ...serviceCaller('routing'), tenantId: this.campaign.tenantId }, PAGE_DEADLINE_MS);
  }
}
