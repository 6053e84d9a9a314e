import type { Message } from '@tocsin/contracts/campaigns/v1/campaign';
import type { Setting, SettingsOf, ServiceContext } from '@tocsin/service-kit';
import type { Sealer } from '@tocsin/sealing';

/** Why an attempt failed, closed; whether to retry is a property of the reason (FAILURE_REASONS). */
export type FailureReason =
  | 'ADDRESS_UNKNOWN'
  | 'ADDRESS_REFUSED'
  | 'MAILBOX_FULL'
  | 'CONTENT_REFUSED'
  | 'SENDER_REFUSED'
  | 'PROVIDER_BUSY'
  | 'PROVIDER_UNAVAILABLE'
  | 'PROVIDER_REFUSED'
  | 'GREYLISTED'
  | 'RENDER_FAILED'
  | 'SEAL_BROKEN'
  | 'TIMED_OUT'
  | 'UNKNOWN_ANSWER';

/** One item ready to be handed to the provider. */
export interface Submission {
  readonly deliveryId: string;
  readonly n: number;
  readonly address: string;
  readonly rendered: Rendered;
  readonly tenantId: string;
  readonly campaignId: string;
  /** Unix ms, 0 = none. */
  readonly expiresAt: number;
  readonly smsSender: string;
  readonly mailFrom: string;
  readonly tenantName: string;
  readonly purpose: string;
  readonly addressHash: Buffer;
  readonly possibleDuplicate: boolean;
  /** Share (partition of the granted topics) it came by. */
  readonly share: number;
}

export interface Rendered {
  readonly subject: string;
  readonly body: string;
  /** True cost in the channel's unit. */
  readonly cost: number;
}

export type SubmitAnswer =
  | { readonly kind: 'accepted'; readonly providerIds: readonly string[]; readonly code: string }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly code: string }
  /** The provider asks to slow down: the item stays held, the bucket halves and recovers. */
  | { readonly kind: 'throttled'; readonly code: string; readonly partly?: boolean }
  /**
   * Not taken for sure (connection refused or lost before the write): the item stays held until a bind lives. `partly`, here and above: some parts of a
   * long message were taken and their ids are known only to the driver, so that a crash would send them twice.
   */
  | { readonly kind: 'not-submitted'; readonly code: string; readonly partly?: boolean }
  /** Written and not answered: nobody knows; submitted again under the same n, marked possible duplicate. */
  | { readonly kind: 'in-doubt'; readonly code: string };

export interface ProviderReceipt {
  /** Normalised as in `providerIds`. */
  readonly providerId: string;
  readonly state: 'delivered' | 'failed' | 'expired' | 'pending';
  readonly reason: string;
  readonly code: string;
  /** Unix ms. */
  readonly occurredAt: number;
}

export interface ProviderReply {
  /** Normalised address of the person. */
  readonly from: string;
  readonly writtenTo: string;
  readonly kind: 'stop' | 'start' | 'other';
  readonly receivedAt: number;
}

/** What a driver tells the kit; both resolve only after Kafka acknowledged, so the provider may then be answered. */
export interface RouteEvents {
  receipt(receipt: ProviderReceipt): Promise<void>;
  reply(reply: ProviderReply): Promise<void>;
}

/** What a test of a route's link found; `code` is the provider's own, or names what went wrong. */
export interface LinkTest {
  readonly ok: boolean;
  readonly code: string;
}

/** What a provider that can be asked says of a delivery; `unknown`: it did not say. */
export type Found =
  | { readonly kind: 'taken'; readonly providerIds: readonly string[]; readonly code: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unknown'; readonly code: string };

/** How an operator wants a route used among the channel's others. */
export interface RouteTerms {
  /** Its part of the traffic at rest, in the unit of the other routes' weights; absent = its rate. */
  readonly weight?: number;
  /** Used only as far as the other routes fail. */
  readonly standby?: boolean;
  /** ms beyond which its answers count as slow. */
  readonly slowMs?: number;
  /** Number or mailbox of ours that test messages go to; absent = none are sent. */
  readonly testAddress?: string;
}

/** One route of one provider: binds, submits, reports. */
export interface RouteDriver {
  readonly routeId: string;
  /** Who counts message ids: receipts and attempts are matched by provider and id, so routes share a name only where they share the ids. */
  readonly provider: string;
  readonly terms?: RouteTerms;
  /**
   * What the provider does with a delivery it was given before. `key`: it takes the same delivery_id once and answers as it did the first time. `query`:
   * `find` asks it. `none` or absent: it sends again.
   */
  readonly idempotency?: 'key' | 'query' | 'none';
  /** Cost units a second of the whole route. */
  readonly ratePerSecond: number;
  /** Submissions in flight at most per share; 1 to 64. */
  readonly window: number;
  /** Binds in all, over every instance: shares from this number on have no live route here. Absent: one a share. */
  readonly binds?: number;
  /** Binds one instance may open, whatever shares it owns: it uses no more than their part of the rate. Absent: one a share it owns. */
  readonly bindsPerInstance?: number;
  start(events: RouteEvents): Promise<void>;
  /** The shares this instance owns now: opens and closes binds accordingly. */
  setShares(shares: readonly number[]): Promise<void>;
  bound(): boolean;
  submit(submission: Submission, deadlineMs: number): Promise<SubmitAnswer>;
  /** Only with idempotency `query`: whether the provider has this delivery. */
  find?(submission: Submission, deadlineMs: number): Promise<Found>;
  /** Tests the way to the provider without a message, whether or not shares are owned here. */
  testLink?(deadlineMs: number): Promise<LinkTest>;
  stop(deadlineMs: number): Promise<void>;
}

export interface ChannelDefinition<S extends Readonly<Record<string, Setting<unknown>>>> {
  /** URL of channel.json beside the channel's main.ts. */
  readonly manifest: URL;
  readonly settings: S;
  /** Pure: the same input gives the same output. Throws RenderError for what a template cannot say. */
  render(message: Message, variables: Readonly<Record<string, string>>): Rendered;
  routes(context: ServiceContext<SettingsOf<S>>, sealer: Sealer): Promise<readonly RouteDriver[]>;
}
