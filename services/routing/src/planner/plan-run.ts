import { LANES } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import type { GrpcChannel } from '@tocsin/grpc';
import type { BatchProducer } from '@tocsin/kafka';
import type { Logger } from '@tocsin/observability';
import type { Clock } from '@tocsin/service-kit';
import type { Manifest } from '@tocsin/contracts/channels/v1/channels';
import type { AudienceChannel } from '@tocsin/contracts/subscribers/v1/audience';
import { PlanControlKind } from '@tocsin/contracts/routing/v1/plans';
import type { ManifestBook } from '../manifests/manifest-book.js';
import { AudienceWalk } from './audience-walk.js';
import { EXPANSION, expansionLimit } from './expansion-guard.js';
import { CorrectionWalk } from './correction-walk.js';
import type { PageWalk } from './page-walk.js';
import { channelsOf, decodeRelease, messageFor, type Release } from './frame.js';
import { PlanLead, rateOf } from './plan-lead.js';
import { closeRecords, controlRecords, haltRecord, sliceRecords } from './plan-publisher.js';
import type { PlanDocument, PlanStore } from './plan-store.js';
import type { PlannerMetrics } from './planner-metrics.js';
import { SliceBuilder, type CutSlice, type PlannedChannel, type PlanTotals } from './slice-builder.js';
import { sliceDocument, type SliceDocument } from './slice-document.js';
import { itemCostOf } from './template-cost.js';
import { URGENT_LANE } from './urgent-lane.js';

export interface PlanRunDeps {
  readonly store: PlanStore;
  readonly producer: BatchProducer;
  readonly subscribers: GrpcChannel;
  /**
   * The same service by a connection of its own, for walks of cities: what a waiting plan has not read yet fills its connection's window (64 KiB, less than a page of a city), and whoever shares that waits too.
   */
  readonly longWalks: GrpcChannel;
  /** The ledger: whom a campaign that is corrected was submitted to. */
  readonly deliveries: GrpcChannel;
  readonly manifests: ManifestBook;
  readonly metrics: PlannerMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Resolves when the store may take another slice; a plan's first slice and urgent plans do not ask. */
  admitInsert(): Promise<void>;
}

/** What a step says about the plan: go on in turn, or nothing left for this process. */
export type StepOutcome = 'more' | 'ended';

/** A release waits this long for a channel's announcement before it goes on without that channel, ms. */
const MANIFEST_WAIT_MS = 10_000;
/** Slices of a plan published and not yet acknowledged at most; memory, and what a restart repeats. */
const MAX_UNACKED = 4;
/** Progress is written down this often at most, ms: a restart repeats less than that. */
const PROGRESS_EVERY_MS = 1_000;

/** What is known of a release that this process has just taken up: nothing of it can be stored, so nothing is read back. */
export interface TakenUp {
  readonly plan: PlanDocument;
  readonly release: Release;
  /** Begun while the plan was being written; undefined = to be opened. */
  readonly walk: AudienceWalk | undefined;
}

/** Recipients up to which a walk is short: some pages, read within a few turns. */
const SHORT_WALK = 1_000;

/** One plan in work: reads the audience page by page, stores slices, announces them. Any number of processes may run the same plan. */
export class PlanRun {
  private readonly campaignId: string;
  private channels: { readonly planned: PlannedChannel[]; readonly wanted: AudienceChannel[]; readonly perSecond: number } | undefined;
  private lead: PlanLead | undefined;
  private hurried = false;
  private plan: PlanDocument | undefined;
  private release: Release | undefined;
  private walk: PageWalk | undefined;
  private builder: SliceBuilder | undefined;
  private slice = 0;
  private stored: PlanTotals = { position: '', total: 0, notReachable: [] };
  /** True while slices another run may have stored are read and announced again. */
  private catchingUp = true;
  private readonly unacked: Promise<void>[] = [];
  private failure: unknown;
  private acked = 0;
  private progressAt = 0;
  private stopped = false;
  /** Unix ms when a halted plan goes on by itself: after its expiry nothing is granted any more, and everybody must be accounted for. */
  wakeAt: number | undefined;

  constructor(
    campaignId: string,
    private readonly deps: PlanRunDeps,
    private taken: TakenUp | undefined,
  ) {
    this.campaignId = campaignId;
    this.catchingUp = taken === undefined;
    this.walk = taken?.walk;
    this.release = taken?.release;
  }

  /** Stops after the running step. */
  stop(): void {
    this.stopped = true;
    this.walk?.cancel();
  }

  /** ms after which the next step should come, 0 = when it is this plan's turn. */
  restMs(): number {
    const waits = this.walk?.restMs() ?? 0;
    if (waits > 0) return waits;
    // After its expiry nothing is dispatched any more, and everybody has to be accounted for.
    if (this.hurried || this.catchingUp || !this.release || this.expired(this.release)) return 0;
    return this.lead?.restMs(this.stored.total, this.deps.clock.monotonic()) ?? 0;
  }

  /** Rests no more. */
  hurry(): void {
    this.hurried = true;
  }

  /** Forgets what is in memory: the next step starts from what is stored. */
  reset(): void {
    this.forgetWalk();
    this.plan = undefined;
    this.taken = undefined;
    this.unacked.length = 0;
    this.failure = undefined;
    this.catchingUp = true;
  }

  /** One page of work. Throws TocsinError when a part it needs is away; `reset` and a later step mend that. */
  async step(): Promise<StepOutcome> {
    if (!this.plan) await this.begin();
    const { plan, release, channels } = this;
    if (!plan || !release || !channels || this.stopped) return 'ended';
    if (plan.halted && !this.expired(release)) {
      // Once more: whoever halted it may have died before it told.
      await this.sayHalted(release);
      return 'ended';
    }
    if (plan.closed) return this.close(plan.closed);
    if (this.failure !== undefined) throw this.failure;
    if (this.catchingUp) {
      const stored = await this.deps.store.slice(this.campaignId, this.slice);
      if (stored) return this.announce(stored);
      this.catchingUp = false;
    }
    const builder = (this.builder ??= new SliceBuilder(channels.planned, release.campaign.mode, this.stored, this.slice === 0));
    const walk = (this.walk ??= this.walkFor(release, channels.wanted));
    const page = await this.nextPage(walk);
    if (!page) return this.end(builder.flush(), builder);
    this.deps.metrics.pages.add();
    for (const cut of builder.add(page)) {
      const outcome = await this.keep(cut);
      // Another run's slice is the one that counts, or a person must look: what was collected behind it is void.
      if (outcome !== 'kept') return outcome === 'halted' ? 'ended' : 'more';
    }
    if (page.last) return this.end(undefined, builder);
    // The next page is not there yet: nobody collected waits for it.
    const collected = walk.restMs() > 0 ? builder.flush() : undefined;
    return collected && (await this.keep(collected)) === 'halted' ? 'ended' : 'more';
  }

  private async begin(): Promise<void> {
    const plan = this.taken?.plan ?? (await this.deps.store.get(this.campaignId));
    if (!plan) return;
    if (plan.trimmed) {
      // An old release came once more: it was planned, sent and told long ago.
      await this.deps.store.finish(this.campaignId);
      return;
    }
    this.release ??= decodeRelease(plan.release);
    this.channels ??= await this.announcedChannels(this.release);
    this.slice = this.acked = plan.acked;
    this.stored = { position: '', total: 0, notReachable: [] };
    if (this.slice > 0) {
      const last = await this.deps.store.slice(this.campaignId, this.slice - 1);
      if (!last) throw new TocsinError('INTERNAL', 'SLICE_MISSING', 'A slice that was acknowledged is not in the store.');
      this.stored = last;
    }
    this.lead = new PlanLead(this.channels.perSecond, this.stored.total, this.deps.clock.monotonic());
    this.plan = plan;
  }

  /** A channel is used only when it announced itself: it says what addresses it takes and what a cost unit is. */
  private async announcedChannels(release: Release): Promise<NonNullable<PlanRun['channels']>> {
    const announced: Manifest[] = [];
    const planned: PlannedChannel[] = [];
    const wanted: AudienceChannel[] = [];
    for (const channel of channelsOf(release.campaign)) {
      const manifest = await this.deps.manifests.waitFor(channel, MANIFEST_WAIT_MS);
      const message = messageFor(release.campaign, channel);
      if (!manifest || !message) {
        this.deps.logger.error('plan.channel-unknown', { campaign: this.campaignId, channel });
        continue;
      }
      announced.push(manifest);
      planned.push({ channel, cost: itemCostOf(manifest.costUnit, message) });
      wanted.push({ channel, addressKinds: manifest.addressKinds });
    }
    return { planned, wanted, perSecond: rateOf(announced) };
  }

  private forgetWalk(): void {
    this.walk?.cancel();
    this.walk = undefined;
    this.builder = undefined;
  }

  private async nextPage(walk: PageWalk): ReturnType<PageWalk['next']> {
    try {
      return await walk.next();
    } catch (error) {
      if (!(error instanceof TocsinError) || (error.code !== 'INVALID_ARGUMENT' && error.code !== 'NOT_FOUND')) throw error;
      // The rule or its register is refused for good: fail closed, nobody beyond those already named.
      this.deps.metrics.refused.add();
      this.deps.logger.error('plan.audience-refused', { campaign: this.campaignId, reason: error.reason });
      return undefined;
    }
  }

  /** Stores a cut slice (the insert is the claim) and announces whatever is stored then. */
  private async keep(cut: CutSlice): Promise<'kept' | 'replaced' | 'halted'> {
    const { release, plan } = this;
    if (!release || !plan) return 'replaced';
    const { campaign } = release;
    if (cut.total > expansionLimit(campaign, plan.expansionAccepted || this.expired(release), release.released.recipientLimit)) {
      return (await this.halt(release, cut.total)) ? 'halted' : 'replaced';
    }
    if (this.slice > 0 && campaign.lane > URGENT_LANE) await this.deps.admitInsert();
    const document = sliceDocument(campaign, this.slice, cut);
    // Announced only once it is stored: two runs may cut the same slice differently, and only one of them exists.
    const mine = await this.deps.store.slices.insert(document);
    const stored = mine ? document : await this.deps.store.slice(campaign.campaignId, this.slice);
    if (!stored) throw new TocsinError('UNAVAILABLE', 'SLICE_UNREADABLE', 'A slice exists and cannot be read.');
    await this.announce(stored);
    if (mine) return 'kept';
    this.forgetWalk();
    this.catchingUp = true;
    return 'replaced';
  }

  private async announce(document: SliceDocument): Promise<StepOutcome> {
    const { release } = this;
    if (!release) return 'ended';
    const slice = this.slice++;
    this.stored = document;
    const records = sliceRecords(release, this.channelKeys(), slice, document, this.deps.clock.now());
    const sent = this.deps.producer.send(records).then(
      () => {
        this.acked = Math.max(this.acked, slice + 1);
        this.deps.metrics.slices.add();
        this.timeSlice(release, slice);
      },
      (error: unknown) => {
        this.failure = error;
      },
    );
    this.unacked.push(sent);
    if (this.unacked.length >= MAX_UNACKED) await this.unacked.shift();
    await this.writeProgress();
    return 'more';
  }

  /** A slice announced again after a restart is timed again: it did take so long to be announced for good. */
  private timeSlice({ campaign }: Release, slice: number): void {
    const seconds = Math.max(0, this.deps.clock.now() - campaign.releasedAt) / 1_000;
    if (slice === 0) this.deps.metrics.firstSlice.observe(seconds);
    const lane = LANES.find((row) => row.lane === campaign.lane)?.name ?? '';
    for (const channel of this.channelKeys()) this.deps.metrics.dwell.observe(seconds, { channel, lane, stage: 'planned' });
  }

  private async writeProgress(): Promise<void> {
    const now = this.deps.clock.monotonic();
    if (now - this.progressAt < PROGRESS_EVERY_MS || this.failure !== undefined) return;
    if (this.progressAt > 0) {
      const { acked } = this;
      await this.deps.store.update(this.campaignId, (plan) => (plan.acked >= acked ? null : { acked }));
    }
    this.progressAt = now;
  }

  private async end(rest: CutSlice | undefined, builder: SliceBuilder): Promise<StepOutcome> {
    if (rest) {
      const outcome = await this.keep(rest);
      if (outcome !== 'kept') return outcome === 'halted' ? 'ended' : 'more';
    }
    const { total, notReachable } = builder.totals();
    const slices = this.slice;
    await this.allAcked();
    const plan = await this.deps.store.update(this.campaignId, (known) =>
      known.closed ? null : { acked: slices, closed: { slices, recipients: total, notReachable } },
    );
    return plan?.closed ? this.close(plan.closed) : 'ended';
  }

  private async close(closed: NonNullable<PlanDocument['closed']>): Promise<StepOutcome> {
    const { release } = this;
    if (!release) return 'ended';
    await this.allAcked();
    await this.deps.producer.send(closeRecords(release, this.channelKeys(), closed, this.deps.clock.now()));
    await this.deps.store.finish(this.campaignId);
    this.deps.logger.info('plan.closed', { campaign: this.campaignId, slices: closed.slices, count: closed.recipients });
    return 'ended';
  }

  /** false: a person has decided meanwhile, so the plan begins again from what is stored. */
  private async halt(release: Release, recipients: number): Promise<boolean> {
    await this.allAcked();
    const plan = await this.deps.store.update(this.campaignId, (known) => (known.expansionAccepted ? null : { halted: true }));
    this.reset();
    if (!plan?.halted) return false;
    await this.sayHalted(release);
    this.deps.metrics.halted.add();
    const { estimatedRecipients } = release.campaign;
    this.deps.logger.error('plan.expansion-halted', { campaign: this.campaignId, count: recipients, estimated: estimatedRecipients });
    return true;
  }

  private async sayHalted(release: Release): Promise<void> {
    const now = this.deps.clock.now();
    const { version, expiresAt } = release.campaign;
    this.wakeAt = expiresAt > 0 ? expiresAt : undefined;
    const controls = controlRecords(release, this.channelKeys(), PlanControlKind.PAUSE, EXPANSION, version, now);
    await this.deps.producer.send([...controls, haltRecord(release, now)]);
  }

  private expired({ campaign }: Release): boolean {
    return campaign.expiresAt > 0 && this.deps.clock.now() >= campaign.expiresAt;
  }

  private async allAcked(): Promise<void> {
    await Promise.all(this.unacked.splice(0));
    if (this.failure !== undefined) throw this.failure;
  }

  /** From after the last stored slice on. */
  private walkFor({ campaign }: Release, wanted: AudienceChannel[]): PageWalk {
    if (campaign.corrects !== undefined) return new CorrectionWalk(this.deps, campaign, campaign.corrects, this.stored.position);
    const { longWalks, subscribers, clock } = this.deps;
    const long = campaign.lane > URGENT_LANE && campaign.estimatedRecipients > SHORT_WALK;
    return new AudienceWalk(long ? longWalks : subscribers, campaign, wanted, this.stored.position, clock);
  }

  private channelKeys(): string[] {
    return this.channels?.planned.map(({ channel }) => channel) ?? [];
  }
}
