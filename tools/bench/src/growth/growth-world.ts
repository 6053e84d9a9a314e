import { readFileSync } from 'node:fs';
import { TOPICS, newId, record } from '@tocsin/contracts';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { CampaignReleased, CampaignStopped } from '@tocsin/contracts/campaigns/v1/campaign_events';
import { Lane, Status } from '@tocsin/contracts/common/v1/common';
import { connectKafka, type KafkaConnection } from '@tocsin/kafka';
import { createObservability } from '@tocsin/observability';
import { loadSealer } from '@tocsin/sealing';
import { waitUntil } from '@tocsin/testing';
import { EarlyEnd } from '../world/early-end.js';
import { usedBetween, type CpuSeconds } from '../world/cpu.js';
import { Audience, PAGE_SIZE } from './audience.js';
import { CHANNEL, GrowthProcesses, ROUTING, emptyFolder, keyFileOf } from './growth-processes.js';
import { TellTaleReader } from './tell-tale.js';

const HOUR_MS = 3_600_000;
/** 4,000 slices at 50 a second are 80 s, 5,000 plans about as many; a busy machine takes several times that. */
const PLAN_DEADLINE_MS = 480_000;
const DRAIN_DEADLINE_MS = 240_000;
const STOP_DEADLINE_MS = 10_000;
/** A scrape costs two milliseconds of CPU. */
const LOOK_MS = 200;
/** Releases put on the topic at once. */
const RELEASED_TOGETHER = 250;
/** Messages a second the channel says its provider takes: more than two cores do, and a window that memory holds. */
const RATE = 20_000;

/** One stretch of the queue path at full speed. */
export interface Stretch {
  readonly messages: number;
  readonly seconds: number;
  readonly used: CpuSeconds;
  /** Largest resident set seen meanwhile, MiB. */
  readonly rssMiB: ReadonlyMap<string, number>;
}

export interface Backlog {
  readonly campaigns: readonly { readonly campaignId: string; readonly tenantId: string }[];
  readonly contacts: number;
}

/** The queue path alone, with registers and releases made up: what `campaigns` and `subscribers` do is not part of it. */
export class GrowthWorld {
  readonly told: TellTaleReader;
  /** CPU seconds of each process in a second in which nothing happens. */
  private idle: CpuSeconds = new Map();
  private open = false;

  private constructor(
    private readonly audience: Audience,
    private readonly processes: GrowthProcesses,
    private readonly kafka: KafkaConnection,
  ) {
    this.told = new TellTaleReader(processes.tellTale);
  }

  /** Starts everything on an empty ground, lets `work` use it, and leaves nothing running whatever happens. */
  static async use<T>(folder: string, say: (line: string) => void, limitMs: number, work: (world: GrowthWorld) => Promise<T>): Promise<T> {
    emptyFolder(folder);
    const early = new EarlyEnd(limitMs);
    const deps = createObservability({ service: 'bench', instanceId: `bench-${process.pid}`, logLevel: 'error' });
    const audience = new Audience(loadSealer(keyFileOf(folder)));
    const audiencePort = await audience.start(deps);
    const processes = await GrowthProcesses.start({ folder, audiencePort, ratePerSecond: RATE, say });
    const fail = (reason: string): void => say(`Kafka client of the benchmark: ${reason}`);
    const kafka = connectKafka({ brokers: processes.ground.brokers, clientId: 'bench', prefix: '' }, { ...deps, fail });
    try {
      return await Promise.race([work(new GrowthWorld(audience, processes, kafka)), early.ended]);
    } finally {
      await kafka.close(STOP_DEADLINE_MS);
      await processes.stop();
      await audience.stop(STOP_DEADLINE_MS);
    }
  }

  get ground(): Readonly<Record<string, string>> {
    return { kind: 'embedded', ...this.processes.ground.versions };
  }

  /** Measures what everything uses while nothing happens. */
  async measureIdle(seconds: number): Promise<CpuSeconds> {
    const before = this.processes.cpu();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const used = usedBetween(before, this.processes.cpu());
    this.idle = new Map([...used].map(([name, spent]) => [name, spent / seconds]));
    return this.idle;
  }

  /** Releases a campaign to so many new contacts each of so many new tenants, as `campaigns` announces it. */
  async release(tenants: number, contactsEach: number): Promise<Backlog> {
    const now = Date.now();
    const campaigns = Array.from({ length: tenants }, () => ({ campaignId: newId('cmp'), tenantId: newId('ten') }));
    for (const { tenantId } of campaigns) this.audience.set(tenantId, contactsEach);
    const records = campaigns.map(({ campaignId, tenantId }) => {
      const event = CampaignReleased.fromPartial({ campaign: campaignOf(campaignId, tenantId, contactsEach, now), tenantWeight: 1 });
      const meta = { tenantId, occurredAt: now, epoch: 3 };
      return record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignReleased', event, meta);
    });
    for (let from = 0; from < records.length; from += RELEASED_TOGETHER)
      await this.kafka.producer().send(records.slice(from, from + RELEASED_TOGETHER));
    return { campaigns, contacts: tenants * contactsEach };
  }

  /** Resolves when the scheduler knows every slice of the backlog; call with the provider closed. */
  async planned({ campaigns, contacts }: Backlog): Promise<void> {
    const slices = campaigns.length * Math.ceil(contacts / campaigns.length / PAGE_SIZE);
    await waitUntil(
      `${slices} slices to be planned`,
      async () => {
        this.processes.check();
        return (await this.processes.metric(ROUTING, 'scheduler_backlog_slices', 'channel="null"')) >= slices;
      },
      PLAN_DEADLINE_MS,
      LOOK_MS,
    );
  }

  /** Opens the provider until so many messages were submitted; all of the backlog when `drain`, and then until every attempt is recorded and read. */
  async stretch(messages: number, drain: boolean): Promise<Stretch> {
    const rss = new Map<string, number>();
    const sampler = setInterval(() => this.sampleRss(rss), LOOK_MS);
    try {
      const from = this.told.submitted;
      const begun = Date.now();
      const before = this.processes.cpu();
      this.setOpen(true);
      await this.told.until(`${messages} submissions`, () => this.told.submitted >= from + messages, DRAIN_DEADLINE_MS);
      if (drain) await this.recorded();
      const used = usedBetween(before, this.processes.cpu());
      const ended = Date.now();
      const idle = ((this.told.movedAfter(begun) ?? begun) - begun) / 1_000;
      this.processes.check();
      this.sampleRss(rss);
      // Until the channel's next report nothing moves: what everything uses meanwhile is no cost of a message.
      const net = new Map([...used].map(([name, spent]) => [name, Math.max(0, spent - idle * (this.idle.get(name) ?? 0))]));
      return { messages: drain ? messages : this.told.submitted - from, seconds: (ended - begun) / 1_000 - idle, used: net, rssMiB: rss };
    } finally {
      clearInterval(sampler);
      if (!drain) await this.close();
    }
  }

  /** Unix ms from the release of one campaign to its first submission; what is left of it is not planned. */
  async firstSubmission(contacts: number): Promise<number> {
    this.setOpen(true);
    // A channel that has just bound is heard of with its next report: it is to be idle, not away.
    await waitUntil(
      'the channel to be heard of',
      async () => (await this.processes.metric(ROUTING, 'scheduler_live_shares')) > 0,
      DRAIN_DEADLINE_MS,
      LOOK_MS,
    );
    const releasedAt = Date.now();
    const backlog = await this.release(1, contacts);
    const [campaign] = backlog.campaigns;
    if (campaign === undefined) throw new Error('one campaign was released');
    const first = await this.told.firstOf(campaign.campaignId, PLAN_DEADLINE_MS);
    this.audience.cut(campaign.tenantId);
    await this.recorded();
    return first - releasedAt;
  }

  /** Cancels what is left of a backlog and lets what was granted end. */
  async cancel({ campaigns }: Backlog): Promise<void> {
    const records = campaigns.map(({ campaignId, tenantId }) => {
      const event = CampaignStopped.fromPartial({ campaignId, reason: 'The measurement is over.' });
      const meta = { tenantId, occurredAt: Date.now(), epoch: 4 };
      return record(TOPICS.campaignEvents.name, campaignId, 'tocsin.campaigns.v1.CampaignStopped', event, meta);
    });
    await this.kafka.producer().send(records);
    this.setOpen(true);
    await this.recorded();
    await this.close();
  }

  /** Lets all that is left through. */
  async finish(): Promise<void> {
    this.setOpen(true);
    await this.recorded();
    await this.close();
  }

  /** Closes the provider and waits until the scheduler has heard it and nothing is under way. */
  async close(): Promise<void> {
    this.setOpen(false);
    const { processes } = this;
    const moving = async (): Promise<number> =>
      (await processes.metric(ROUTING, 'scheduler_live_shares')) + (await processes.metric(CHANNEL, 'channel_in_doubt'));
    await waitUntil('the channel to rest', async () => (await moving()) === 0, DRAIN_DEADLINE_MS, LOOK_MS);
  }

  /** Every grant answered, nothing left to grant. */
  private async recorded(): Promise<void> {
    const { processes } = this;
    const left = async (): Promise<number> =>
      (await processes.metric(ROUTING, 'scheduler_backlog_slices', 'channel="null"')) +
      (await processes.metric(ROUTING, 'scheduler_outstanding'));
    await waitUntil('every attempt to be recorded', async () => (await left()) === 0, DRAIN_DEADLINE_MS, LOOK_MS);
  }

  private setOpen(open: boolean): void {
    if (this.open === open) return;
    this.open = open;
    this.processes.toggleProvider();
  }

  private sampleRss(most: Map<string, number>): void {
    for (const [name, pid] of this.processes.pids()) most.set(name, Math.max(most.get(name) ?? 0, residentMiB(pid)));
  }
}

function campaignOf(campaignId: string, tenantId: string, contacts: number, now: number) {
  return {
    campaignId,
    tenantId,
    title: 'Mesure',
    status: Status.ACTUAL,
    lane: Lane.STANDARD,
    audience: { everyone: true },
    messages: [
      {
        channel: 'null',
        language: 'fr',
        body: 'ALERTE CRUE: {{ first_name }}, quittez les berges et les sous-sols, coupez le gaz et montez a l etage.',
      },
    ],
    channels: ['null'],
    mode: Mode.PARALLEL,
    purpose: 'alert',
    expiresAt: now + 4 * HOUR_MS,
    estimatedRecipients: contacts,
    previewedHash: 'hash',
    releasedAt: now,
    version: 3,
  };
}

/** Resident set of a process now, MiB; 0 once it is gone. */
function residentMiB(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
