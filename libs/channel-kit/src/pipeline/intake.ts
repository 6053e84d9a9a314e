import { CHANNEL_HOLDS, LANES, grantedTopicNamed, grantsOf, unpackEnvelope } from '@tocsin/contracts';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Fence, type GrantRecord } from '@tocsin/contracts/routing/v1/grants';
import type { CampaignFrame } from '@tocsin/contracts/routing/v1/plans';
import type { GroupConsumer, IncomingRecord, RecordBatch, TopicPartition } from '@tocsin/kafka';
import type { AttemptIndex } from '../knowledge/attempt-index.js';
import type { ChannelMetrics } from '../metrics.js';
import type { Dispatcher } from './dispatcher.js';
import type { Fences } from './fences.js';
import { FrameCache } from './frame-cache.js';
import { frameOfGrant, itemsOfGrant } from './items-of-grant.js';
import type { OffsetTracker, RecordPlace } from './offset-tracker.js';

/** Items held before standard and bulk partitions are paused. */
export const HELD_HIGH = CHANNEL_HOLDS;
/** Items held before urgent lanes pause as well: 80 slices, far above what a scheduler lets out. */
export const HELD_URGENT_HIGH = 20_000;
/** Below it all partitions are read again. */
const HELD_LOW = 1_000;

const GRANTS: ReadonlySet<string> = new Set(['tocsin.routing.v1.GrantRecord', 'tocsin.routing.v1.GrantBundle']);
const FENCE = 'tocsin.routing.v1.Fence';

type LetterReason = 'DECODE_FAILED' | 'UNKNOWN_TYPE' | 'HANDLER_FAILED';

export interface IntakeDeps {
  readonly channel: string;
  readonly dispatcher: Dispatcher;
  readonly tracker: OffsetTracker;
  readonly fences: Fences;
  readonly attempts: AttemptIndex;
  readonly metrics: ChannelMetrics;
  consumer(): GroupConsumer;
  /** Makes sure that attempts since this broker time (Unix ms) are known. */
  historySince(timestamp: number): Promise<void>;
  /** A record nobody can read: ids only. Resolves when Kafka has it: until then the record may not be committed. */
  deadLetter(record: IncomingRecord, reason: LetterReason, detail: string): Promise<void>;
}

/** Reads granted records into held items; keeps what may not be committed yet, and pauses the less urgent lanes when enough is held. */
export class Intake {
  readonly #lanes: ReadonlyMap<string, Lane>;
  /** High watermark of each partition when it was first read after the assignment: what lies below may have been submitted by the owner before. */
  readonly #reread = new Map<string, number>();
  #paused: 'none' | 'standard' | 'all' = 'none';
  #arrival = 0;
  readonly #frames = new FrameCache();

  constructor(private readonly deps: IntakeDeps) {
    this.#lanes = new Map(LANES.map((row) => [grantedTopicNamed(deps.channel, row.name), row.lane]));
  }

  /** After a join, before any record of it. A partition that stays with us stays paused in the reader, and what it was paused for is no longer held. */
  assigned(places: readonly TopicPartition[]): void {
    if (this.#paused !== 'none' && places.length > 0) this.deps.consumer().resume(places);
    this.#reread.clear();
    this.#paused = 'none';
    this.deps.tracker.clear();
    this.deps.fences.clear();
    this.deps.dispatcher.reset();
  }

  async take(batch: RecordBatch): Promise<void> {
    const lane = this.#lanes.get(batch.topic);
    if (lane === undefined) return;
    const place = `${batch.topic}/${batch.partition}`;
    let rereadUntil = this.#reread.get(place);
    if (rereadUntil === undefined) this.#reread.set(place, (rereadUntil = batch.highWatermark));
    for (const record of batch.records) {
      const reread = record.offset < rereadUntil;
      if (reread) await this.deps.historySince(record.timestamp);
      this.#read(record, lane, reread);
    }
    this.#pauseOrResume();
    this.deps.dispatcher.wake();
  }

  /** Called whenever held items have gone: resumes what was paused once enough of them have. */
  relax(): void {
    if (this.#paused !== 'none') this.#pauseOrResume();
  }

  #read(record: IncomingRecord, lane: Lane, reread: boolean): void {
    const { envelope, topic, partition, offset } = record;
    const skip = (): void => void this.deps.tracker.open(topic, partition, offset, 0);
    if (envelope === null) return skip();
    if (!GRANTS.has(envelope.type) && envelope.type !== FENCE) {
      const place = this.deps.tracker.open(topic, partition, offset, 1);
      return this.#putAside(record, place, 'UNKNOWN_TYPE', `Granted topics hold grants and fences, not "${envelope.type}".`);
    }
    try {
      if (envelope.type === FENCE) {
        this.deps.fences.admits(topic, partition, Fence.decode(envelope.payload).epoch);
        return skip();
      }
      if (!this.deps.fences.admits(topic, partition, envelope.epoch)) {
        this.deps.metrics.fenced.add();
        return skip();
      }
      const grants = grantsOf(unpackEnvelope(envelope), (encoded) => this.#frames.read(encoded));
      this.#holdAll(record, grants, lane, reread);
    } catch {
      this.#putAside(record, this.deps.tracker.open(topic, partition, offset, 1), 'DECODE_FAILED', 'The grant cannot be read.');
    }
  }

  /** A letter that could not be written leaves its record uncommitted: it is read again after the next join. */
  #putAside(record: IncomingRecord, place: RecordPlace, reason: LetterReason, detail: string): void {
    this.deps.deadLetter(record, reason, detail).then(
      () => this.deps.tracker.settle(place),
      () => undefined,
    );
  }

  /** An unusable grant beside others is put aside alone: they are not at fault. */
  #holdAll(record: IncomingRecord, grants: readonly GrantRecord[], lane: Lane, reread: boolean): void {
    const { channel, tracker } = this.deps;
    const frames = grants.map((grant) => (grants.length > 1 ? usableFrame(channel, grant) : frameOfGrant(channel, grant)));
    let open = 0;
    grants.forEach(({ items }, at) => (open += frames[at] ? items.length : 1));
    const place = tracker.open(record.topic, record.partition, record.offset, open);
    grants.forEach((grant, at) => {
      const frame = frames[at];
      if (frame) this.#hold(record, place, grant, frame, lane, reread);
      else this.#putAside(record, place, 'HANDLER_FAILED', 'A grant among others names no campaign, or another channel.');
    });
  }

  #hold(record: IncomingRecord, place: RecordPlace, grant: GrantRecord, frame: CampaignFrame, lane: Lane, reread: boolean): void {
    const { dispatcher, tracker } = this.deps;
    const items = itemsOfGrant(grant, frame, {
      lane,
      share: record.partition,
      // The envelope of many campaigns names what granted them, each frame its campaign's own trace.
      traceparent: frame.traceparent || (record.envelope?.traceparent ?? ''),
      possibleDuplicate: reread,
      generation: dispatcher.generation,
      arrival: this.#arrival,
      place,
    });
    this.#arrival += items.length;
    for (const item of items) {
      if (!item) {
        this.#putAside(record, place, 'HANDLER_FAILED', 'An item of the grant names no place in a slice.');
        continue;
      }
      const known = dispatcher.unsettled.find(item);
      if (known) {
        // Granted twice, or read again while its answer or acknowledgement is on the way: both records wait for that one.
        known.places.push(place);
        known.generation = item.generation;
        continue;
      }
      if (reread && this.deps.attempts.wasReturned(item.sliceKey, item.index, item.n, { at: grant.grantedAt, tag: item.tag })) {
        this.deps.metrics.duplicatesSkipped.add();
        tracker.settle(place);
      } else dispatcher.hold(item);
    }
  }

  #pauseOrResume(): void {
    const held = this.deps.dispatcher.window.size;
    const wanted = held >= HELD_URGENT_HIGH ? 'all' : held >= HELD_HIGH ? 'standard' : held > HELD_LOW ? this.#paused : 'none';
    if (wanted === this.#paused) return;
    const consumer = this.deps.consumer();
    const [lazy, urgent] = this.#split(consumer.assigned());
    if (wanted === 'none') consumer.resume([...lazy, ...urgent]);
    else {
      consumer.pause(wanted === 'all' ? [...lazy, ...urgent] : lazy);
      if (wanted === 'standard') consumer.resume(urgent);
    }
    this.#paused = wanted;
  }

  #split(assigned: readonly TopicPartition[]): [TopicPartition[], TopicPartition[]] {
    const urgent = (place: TopicPartition): boolean => {
      const lane = this.#lanes.get(place.topic);
      return lane === Lane.LIFE_SAFETY || lane === Lane.URGENT;
    };
    return [assigned.filter((place) => !urgent(place)), assigned.filter(urgent)];
  }
}

function usableFrame(channel: string, grant: GrantRecord): CampaignFrame | undefined {
  try {
    return frameOfGrant(channel, grant);
  } catch {
    return undefined;
  }
}
