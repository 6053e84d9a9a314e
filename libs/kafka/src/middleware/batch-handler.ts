import type { RecordBatch } from '../connection.js';

export type BatchHandler = (batch: RecordBatch) => Promise<void>;

/** One concern around a handler; they are composed in compose-handler.ts, outermost first. */
export type BatchMiddleware = (next: BatchHandler) => BatchHandler;

/** Why a record went to the dead letters; a closed list, it is what an operator sorts by. */
export const DEAD_REASONS = ['DECODE_FAILED', 'UNKNOWN_TYPE', 'HANDLER_FAILED'] as const;
export type DeadReason = (typeof DEAD_REASONS)[number];

/** A record that cannot be processed. */
export interface DeadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly reason: DeadReason;
  /** One sentence without personal data. */
  readonly detail: string;
  readonly type: string;
  readonly eventId: string;
  readonly tenantId: string;
}

/** Puts records on their dead letter topics; resolves when they are safe there. */
export type BuryRecords = (records: readonly DeadRecord[]) => Promise<void>;
