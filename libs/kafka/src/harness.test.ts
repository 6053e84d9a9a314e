import { record, unpackEnvelope, type OutgoingRecord, type TopicSpec } from '@tocsin/contracts';
import { DeadLetter } from '@tocsin/contracts/common/v1/dead_letter';
import { createLogger, createMetrics, createTracing, type TracingOptions } from '@tocsin/observability';
import { connectKafka } from './index.js';
import type { IncomingRecord, KafkaConnection, KafkaDeps } from './index.js';

/** Parts shared by the tests of this library; any registered type serves as payload, its key carries a number. */
export function numbered(topic: string, key: string, n: number, partition?: number): OutgoingRecord {
  const letter = DeadLetter.fromPartial({ key: String(n) });
  return record(topic, key, 'tocsin.common.v1.DeadLetter', letter, { tenantId: 'ten_x', occurredAt: 1 }, partition);
}

export function numberOf(incoming: IncomingRecord): number {
  if (!incoming.envelope) return Number.NaN;
  const unpacked = unpackEnvelope(incoming.envelope);
  return unpacked.type === 'tocsin.common.v1.DeadLetter' ? Number(unpacked.value.key) : Number.NaN;
}

export function spec(name: string, partitions: number): TopicSpec {
  return { name, partitions, keeps: 3_600_000, owner: 'x', producers: [], consumers: [] };
}

export interface Opened {
  readonly connection: KafkaConnection;
  readonly deps: Required<Pick<KafkaDeps, 'logger' | 'metrics' | 'tracing'>>;
  readonly lines: string[];
  readonly fatal: string[];
}

export function open(
  brokers: readonly string[],
  prefix: string,
  clientId = `test-${Math.random().toString(36).slice(2, 8)}`,
  tracing: Partial<TracingOptions> = {},
): Opened {
  const lines: string[] = [];
  const fatal: string[] = [];
  const identity = { service: 'test', instanceId: clientId };
  const deps = {
    logger: createLogger({ ...identity, level: 'info', write: (line) => lines.push(line) }),
    metrics: createMetrics(),
    tracing: createTracing({ ...identity, ...tracing }),
  };
  const connection = connectKafka(
    { brokers, prefix, clientId },
    { ...deps, fail: (reason, error) => fatal.push(`${reason} ${String(error)}`) },
  );
  return { connection, deps, lines, fatal };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
