import { deadTopic, record, unpackEnvelope } from '@tocsin/contracts';
import { Envelope } from '@tocsin/contracts/common/v1/common';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import { TocsinError } from '@tocsin/errors';
import { internalsOf } from './connection-internals.js';
import type { KafkaConnection } from './connection.js';
import type { RawBatch, RawRecord } from './raw-batch.js';

/** Reason of the letter that says a record was sent again; it is kept beside the letters it answers. */
export const REPLAYED = 'REPLAYED';
/** Letters listed at once; older ones are looked at after these are dealt with. */
const MAX_LISTED = 10_000;
/** ms for reading one topic of dead letters. */
const LIST_DEADLINE = 60_000;
/** ms for reading one original record. */
const READ_DEADLINE = 10_000;

export interface DeadLetterEntry {
  /** "<partition>-<offset>" of the original record: stable, and the same for every group that failed with it. */
  readonly id: string;
  readonly letter: DeadLetter;
  /** Groups that could not process the record. */
  readonly groups: readonly string[];
  readonly replayed: boolean;
}

export interface ReplayOutcome {
  readonly id: string;
  /** 'gone': the original is past its topic's retention; 'already': it was sent again before. */
  readonly outcome: 'replayed' | 'already' | 'gone' | 'unknown';
}

/** The dead letters of a topic, oldest first, at most 10,000; topic without prefix and without ".dead". */
export async function listDeadLetters(connection: KafkaConnection, topic: string): Promise<readonly DeadLetterEntry[]> {
  const { readRaw } = internalsOf(connection);
  const entries = new Map<string, DeadLetterEntry>();
  const keep = async (batch: RawBatch): Promise<void> => {
    for (const raw of batch.records) merge(entries, letterOf(raw));
  };
  for (const { partition, low, high } of await connection.offsets(deadTopic(topic))) {
    await readRaw({ topic: deadTopic(topic), partition }, low, high, keep, LIST_DEADLINE);
  }
  return [...entries.values()];
}

/**
 * Sends the original records of dead letters again, to the partition they came from, and marks them. Idempotent: what was sent again
 * stays so, and a crash between record and mark sends one record twice, which every consumer bears.
 */
export async function replayDeadLetters(
  connection: KafkaConnection,
  which: { readonly topic: string } & ({ readonly ids: readonly string[] } | { readonly all: true }),
): Promise<readonly ReplayOutcome[]> {
  const { topic } = which;
  const entries = new Map((await listDeadLetters(connection, topic)).map((entry) => [entry.id, entry]));
  const ids = 'ids' in which ? which.ids : [...entries.keys()];
  const outcomes: ReplayOutcome[] = [];
  for (const id of new Set(ids)) {
    const entry = entries.get(id);
    outcomes.push({
      id,
      outcome: entry === undefined ? 'unknown' : entry.replayed ? 'already' : await sendAgain(connection, topic, entry.letter),
    });
  }
  return outcomes;
}

async function sendAgain(connection: KafkaConnection, topic: string, letter: DeadLetter): Promise<'replayed' | 'gone'> {
  const { sendRaw } = internalsOf(connection);
  const original = await readOne(connection, topic, letter);
  if (!original) return 'gone';
  await sendRaw([{ topic, partition: letter.partition, key: original.key, value: original.value }]);
  const occurredAt = Date.now();
  const mark = DeadLetter.fromPartial({ ...letter, reason: REPLAYED, detail: 'The record was sent again.', failedAt: occurredAt });
  await connection
    .producer()
    .send([record(deadTopic(topic), letter.key, 'tocsin.common.v1.DeadLetter', mark, { tenantId: letter.tenantId, occurredAt })]);
  return 'replayed';
}

async function readOne(connection: KafkaConnection, topic: string, letter: DeadLetter): Promise<RawRecord | undefined> {
  const bounds = (await connection.offsets(topic)).find(({ partition }) => partition === letter.partition);
  if (!bounds || letter.offset < bounds.low || letter.offset >= bounds.high) return undefined;
  let found: RawRecord | undefined;
  const look = async (batch: RawBatch): Promise<void> => {
    found ??= batch.records.find((candidate) => candidate.offset === letter.offset);
  };
  await internalsOf(connection).readRaw({ topic, partition: letter.partition }, letter.offset, letter.offset + 1, look, READ_DEADLINE);
  return found;
}

function merge(entries: Map<string, DeadLetterEntry>, letter: DeadLetter | undefined): void {
  if (!letter) return;
  const id = `${letter.partition}-${letter.offset}`;
  const known = entries.get(id);
  if (!known && entries.size >= MAX_LISTED) return;
  const isMark = letter.reason === REPLAYED;
  const groups = isMark ? [] : [letter.consumerGroup];
  entries.set(id, {
    id,
    letter: known && isMark ? known.letter : letter,
    groups: [...new Set([...(known?.groups ?? []), ...groups])],
    replayed: isMark || (known?.replayed ?? false),
  });
}

function letterOf(raw: RawRecord): DeadLetter | undefined {
  if (raw.value === null) return undefined;
  try {
    const unpacked = unpackEnvelope(Envelope.decode(raw.value));
    return unpacked.type === 'tocsin.common.v1.DeadLetter' ? unpacked.value : undefined;
  } catch (error) {
    // Only this library writes these topics: another build's letter is left for that build.
    if (error instanceof TocsinError) throw error;
    return undefined;
  }
}
