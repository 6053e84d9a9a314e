import { CHANNEL_PARTITIONS, channelTopicSpecs, TOPICS } from '@tocsin/contracts';
import { TocsinError } from '@tocsin/errors';
import { type DeadLetterEntry, type KafkaConnection, listDeadLetters, replayDeadLetters, type ReplayOutcome } from '@tocsin/kafka';

/** One line of the list: where the record lies and why it was put aside; never what it says. */
export interface ListedLetter {
  readonly topic: string;
  readonly id: string;
  readonly reason: string;
  readonly detail: string;
  readonly type: string;
  readonly tenantId: string;
  readonly groups: readonly string[];
  readonly replayed: boolean;
  /** Unix ms. */
  readonly failedAt: number;
}

/** The topics asked for, those of the channels asked for, else every topic that is no channel's own. */
export function topicsToRead(topics: readonly string[], channels: readonly string[]): string[] {
  const ofChannels = channels.flatMap((channel) => channelTopicSpecs(channel, CHANNEL_PARTITIONS).map((spec) => spec.name));
  const named = [...topics, ...ofChannels];
  return named.length > 0 ? named : Object.values(TOPICS).map((spec) => spec.name);
}

export async function listLetters(connection: KafkaConnection, topics: readonly string[]): Promise<ListedLetter[]> {
  const listed: ListedLetter[] = [];
  for (const topic of topics) {
    const entries = await existing(topic, () => listDeadLetters(connection, topic));
    listed.push(...entries.map((entry) => listedLetter(topic, entry)));
  }
  return listed;
}

/** `ids` or all letters of one topic; idempotent. */
export async function replayLetters(
  connection: KafkaConnection,
  topic: string,
  ids: readonly string[],
  all: boolean,
): Promise<readonly ReplayOutcome[]> {
  if (all === ids.length > 0) throw new TocsinError('INVALID_ARGUMENT', 'IDS_OR_ALL', 'Give either --id (once or more) or --all.');
  return existing(topic, () => replayDeadLetters(connection, all ? { topic, all: true } : { topic, ids }));
}

/** What Kafka says of a topic that is not there, as one sentence. */
async function existing<T>(topic: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION')) throw error;
    throw new TocsinError(
      'NOT_FOUND',
      'TOPIC_UNKNOWN',
      `There are no dead letters of a topic ${topic}: check the name and TOCSIN_TOPIC_PREFIX.`,
      {
        cause: error,
      },
    );
  }
}

function listedLetter(topic: string, { id, letter, groups, replayed }: DeadLetterEntry): ListedLetter {
  const { reason, detail, type, tenantId, failedAt } = letter;
  return { topic, id, reason, detail, type, tenantId, groups, replayed, failedAt };
}
