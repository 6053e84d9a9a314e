import { BatchingProducer } from './batching-producer.js';
import { clientSecurity } from './client-security.js';
import { ClusterLink } from './cluster-link.js';
import { registerInternals } from './connection-internals.js';
import type { KafkaConnection, KafkaDeps, KafkaSettings, TopicPartition } from './connection.js';
import { ensureTopics } from './ensure-topics.js';
import { groupOffsets } from './group-offsets.js';
import { GroupConsuming } from './group-consuming.js';
import { EARLIEST, LATEST, allPartitions, listOffsets } from './list-offsets.js';
import { composeHandler } from './middleware/compose-handler.js';
import { readCopies } from './cluster-copies.js';
import { decodeRecords } from './middleware/decode-records.js';
import { partitionKey, type RawBatch } from './raw-batch.js';
import { patiently } from './patiently.js';
import { clientIdOf } from './predecessor.js';
import { placeCopiesOver } from './place-copies.js';
import { readRange } from './read-range.js';
import { TailReading } from './tail-reading.js';

/** ms one change of users and rights may take. */
const ADMINISTRATION_DEADLINE = 15_000;

/** One connection a process; producers and consumers made from it survive a frozen or lost broker. */
export function connectKafka(settings: KafkaSettings, deps: KafkaDeps): KafkaConnection {
  const { prefix } = settings;
  const { logger, metrics, tracing } = deps;
  const security = settings.security && clientSecurity(settings.security);
  const client = { brokers: settings.brokers, clientId: clientIdOf(settings.clientId), security };
  const link = () => new ClusterLink(client, logger);
  const plain = (topic: string) => topic.slice(prefix.length);
  const onFatal = (error: unknown) => {
    logger.error('kafka.fatal', { error });
    deps.fail('KAFKA_FATAL', error);
  };
  // For questions outside producers and consumers; opened with the first of them.
  const asking = link();
  const groups = new Set<GroupConsuming>();
  const tails = new Set<TailReading>();
  let producer: BatchingProducer | undefined;

  // One batch that hangs must show, however busy the other partitions and readers are.
  const oldestInHand = () =>
    [...[...groups].map((group) => group.host.reader), ...[...tails].map((tail) => tail.reader)]
      .map((reader) => reader.oldestInHand())
      .reduce((least, number) => (least === undefined || (number !== undefined && number < least) ? number : least), undefined);

  const theProducer = () => (producer ??= new BatchingProducer({ link: link(), logger, metrics, tracing, prefix, onFatal }));
  const parts = () => ({ link: link(), logger, metrics, tracing, prefix, plain, producer: theProducer, onFatal, rack: settings.rack });

  const readRaw = async (
    place: TopicPartition,
    from: number,
    until: number,
    onBatch: (batch: RawBatch) => Promise<void>,
    deadlineMs: number,
  ) => {
    const own = link();
    try {
      await readRange(own, { ...place, topic: prefix + place.topic }, from, until, onBatch, performance.now() + deadlineMs);
    } finally {
      await own.close();
    }
  };

  const connection: KafkaConnection = {
    producer: theProducer,
    group(options) {
      const consumer = new GroupConsuming(options, parts());
      groups.add(consumer);
      return consumer;
    },
    tail(options) {
      const shared = parts();
      const topics = options.topics.map(({ topic }) => topic);
      const tail: TailReading = new TailReading(options.topics, {
        ...shared,
        restMs: options.restMs,
        handle: composeHandler({ ...shared, reader: options.name, dead: 'skip', topics, stopped: () => tail.stopped() }, (batch) =>
          options.onBatch(batch),
        ),
      });
      tails.add(tail);
      return tail;
    },
    ensureTopics: (specs) => ensureTopics(asking, logger, specs, { prefix, copies: settings.copies }),
    replay: (place, from, until, onBatch, deadlineMs) =>
      readRaw(
        place,
        from,
        until,
        async (raw) => {
          // What cannot be decoded lies in the dead letters of those who consume the topic.
          const { batch } = decodeRecords(raw, place.topic);
          if (batch.records.length > 0) await onBatch(batch);
        },
        deadlineMs,
      ),
    async offsets(topic) {
      const { places, lows, highs } = await patiently(`offsets of ${topic}`, async () => {
        const partitions = await allPartitions(asking, [prefix + topic]);
        const [earliest, latest] = await Promise.all([listOffsets(asking, partitions, EARLIEST), listOffsets(asking, partitions, LATEST)]);
        return { places: partitions, lows: earliest, highs: latest };
      });
      return places.map(({ partition }) => {
        const key = partitionKey(prefix + topic, partition);
        return { partition, low: lows.get(key) ?? 0, high: highs.get(key) ?? 0 };
      });
    },
    copies: () => readCopies(asking, prefix),
    healthy() {
      return (producer?.healthy() ?? true) && [...groups].every((group) => group.healthy()) && [...tails].every((tail) => tail.healthy());
    },
    pending: () => oldestInHand() !== undefined,
    progress: () => oldestInHand() ?? 0,
    async close(deadlineMs) {
      await Promise.all([...[...groups].map((group) => group.stop()), ...[...tails].map((tail) => tail.stop())]);
      await producer?.close(deadlineMs);
      await asking.close();
    },
  };
  registerInternals(connection, {
    readRaw,
    placeCopies: (nodes) => placeCopiesOver(asking, nodes),
    administer: (what, ask) => asking.call(what, ADMINISTRATION_DEADLINE, async (cluster) => ask(await cluster.findControllerBroker())),
    ...groupOffsets(asking, prefix),
    offsetsAt: async (topic, time) => {
      const places = await allPartitions(asking, [prefix + topic]);
      const [found, ends] = await Promise.all([listOffsets(asking, places, time), listOffsets(asking, places, LATEST)]);
      return places.map(({ partition }) => {
        const key = partitionKey(prefix + topic, partition);
        const at = found.get(key) ?? -1;
        return { topic, partition, offset: at >= 0 ? at : (ends.get(key) ?? 0) };
      });
    },
    sendRaw: (records) => theProducer().sendRaw(records.map((one) => ({ ...one, topic: prefix + one.topic }))),
  });
  return connection;
}
