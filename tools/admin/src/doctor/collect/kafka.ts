import { CHANNEL_PARTITIONS, channelTopicSpecs, deadTopic, TOPICS } from '@tocsin/contracts';
import { connectKafka, listDeadLetters, type ClusterCopies, type KafkaConnection } from '@tocsin/kafka';
import { quiet } from '../../connections.js';
import { kafkaEnvironment, type Variables } from '../../environment.js';
import type { DeadLetterFacts, KafkaFacts } from '../facts.js';

/** ms Kafka may take to say who holds what: one request and, after a broker was lost, another. */
const COPIES_MS = 9_000;
/** ms for all dead letters. */
const LETTERS_MS = 15_000;
const CLOSE_MS = 1_000;

/** Asks Kafka itself. Never throws: an answer that does not come is what the doctor looks for. */
export async function collectKafka(variables: Variables): Promise<KafkaFacts> {
  const settings = kafkaEnvironment(variables);
  const nodesExpected = settings.brokers.length;
  const connection = connectKafka({ ...settings, clientId: `doctor-${process.pid}` }, { ...quiet(), fail: () => undefined });
  try {
    const { nodes, partitions } = await within(COPIES_MS, askTwice(connection));
    const letters = within(
      LETTERS_MS,
      readLetters(
        connection,
        partitions.map(({ topic }) => topic),
      ),
    );
    return { reachable: true, error: '', nodesExpected, nodes, partitions, deadLetters: await letters.catch(() => []) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { reachable: false, error: said, nodesExpected, nodes: 0, partitions: [], deadLetters: [] };
  } finally {
    void connection.close(CLOSE_MS).catch(() => undefined);
  }
}

/** A client whose broker was lost is thrown away with the first question, and finds another with the second. */
async function askTwice(connection: KafkaConnection): Promise<ClusterCopies> {
  try {
    return await connection.copies();
  } catch {
    return connection.copies();
  }
}

async function readLetters(connection: KafkaConnection, present: readonly string[]): Promise<readonly DeadLetterFacts[]> {
  const topics = new Set(present);
  const dead = [...topics].filter((topic) => topics.has(deadTopic(topic)));
  const known = new Set([...Object.values(TOPICS).map(({ name }) => name), ...channelsOf(topics)]);
  const facts = await Promise.all(dead.filter((topic) => known.has(topic)).map((topic) => lettersOf(connection, topic)));
  return facts.flatMap((one) => (one === undefined ? [] : [one]));
}

async function lettersOf(connection: KafkaConnection, topic: string): Promise<DeadLetterFacts | undefined> {
  const bounds = await connection.offsets(deadTopic(topic));
  if (bounds.every(({ low, high }) => high <= low)) return undefined;
  const waiting = (await listDeadLetters(connection, topic)).filter(({ replayed }) => !replayed);
  return {
    topic,
    waiting: waiting.length,
    reasons: [...new Set(waiting.map(({ letter }) => letter.reason))],
    groups: [...new Set(waiting.flatMap(({ groups }) => groups))],
    newest: Math.max(0, ...waiting.map(({ letter }) => letter.failedAt)),
  };
}

/** Topics of the channels that have any. */
function channelsOf(topics: ReadonlySet<string>): readonly string[] {
  const channels = [...topics].flatMap((topic) => /^delivery\.attempts\.(.+)\.v1$/.exec(topic)?.[1] ?? []);
  return channels.flatMap((channel) => channelTopicSpecs(channel, CHANNEL_PARTITIONS).map(({ name }) => name));
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms).unref()),
  ]);
}
