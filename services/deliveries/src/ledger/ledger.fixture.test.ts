import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { PlannedSlice } from '@tocsin/contracts/deliveries/v1/planned';
import type { OutgoingRecord } from '@tocsin/contracts';
import type { TopicPartitionOffset } from '@tocsin/kafka';
import type { DayLists, Documents, Guarded } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import type { SliceFact } from '../core/fold.js';
import { isSettled } from '../core/part.js';
import { fromPartDocument } from '../core/part-document.js';
import type { ChannelRules } from '../core/rules.js';
import { DatabaseBudget } from './database-budget.js';
import { Flusher } from './flusher.js';
import { ledgerMetrics } from './ledger-metrics.js';
import { LedgerPartition } from './ledger-partition.js';
import type { LedgerStore } from './ledger-store.js';

/** The store in memory, and what was put into its collections in what order. */
export function storeInMemory(order: string[]): LedgerStore {
  const documents = <T extends Guarded>(wrote: (document: T) => void = () => undefined): Documents<T> => {
    const stored = new Map<string, T>();
    return {
      get: (id) => Promise.resolve(stored.get(id) ?? null),
      getMany: (ids) => Promise.resolve(ids.map((id) => stored.get(id) ?? null)),
      insert: (document) => {
        wrote(document);
        return Promise.resolve(!stored.has(document._id) && stored.set(document._id, document) !== undefined);
      },
      replace: (document) => {
        wrote(document);
        if (stored.get(document._id)?.v !== document.v) return Promise.resolve(false);
        stored.set(document._id, { ...document, v: document.v + 1 });
        return Promise.resolve(true);
      },
      remove: (id) => Promise.resolve(stored.delete(id)),
      removeGuarded: ({ _id }) => Promise.resolve(stored.delete(_id)),
      all: () => Promise.resolve([...stored.values()]),
    };
  };
  const ended: DayLists = {
    add: (_list, _day, ids) => Promise.resolve(void order.push(...ids.map((id) => `listed ${id}`))),
    due: () => Promise.resolve(null),
    done: () => Promise.resolve(),
  };
  return {
    slices: documents(),
    parts: documents((part) => order.push(isSettled(fromPartDocument(part)) ? 'written as ended' : 'written')),
    markers: documents(),
    ended,
  };
}

/** Of every fact of `ledgerOver`. */
export const TENANT = 'ten_a';
const { metrics, logger } = createObservability({ service: 'test', instanceId: 'ledger-test', logLevel: 'error' });

/** What a test may set about `ledgerOver`. */
export interface LedgerOptions {
  /** Kafka; it takes everything unless a test says otherwise. */
  readonly send?: (records: readonly OutgoingRecord[]) => Promise<void>;
  readonly rules?: Partial<ChannelRules>;
  /** What was to be committed. */
  readonly offsets?: (offsets: readonly TopicPartitionOffset[]) => void;
}

/** One partition of the ledger and its flusher over a store, with a clock that is moved by hand. */
export function ledgerOver(store: LedgerStore, committed: (at: number) => void = () => undefined, options: LedgerOptions = {}) {
  let now = 1_000_000;
  const clock = { now: () => now, monotonic: () => now };
  const rulesOf = () => ({ acceptedIsTerminal: true, receiptTimeout: 20_000, retryDelays: [], ...options.rules });
  const partition = new LedgerPartition(0, { store, rulesOf, clock, tell: () => undefined });
  const flusher = new Flusher({
    store,
    producer: { send: options.send ?? (() => Promise.resolve()), sendForOffsets: () => Promise.resolve([]) } as never,
    budget: new DatabaseBudget(1),
    metrics: ledgerMetrics(metrics),
    clock,
    logger,
    recipientDays: 400,
    commit: (offsets) => {
      options.offsets?.(offsets);
      return Promise.resolve(committed(now));
    },
  });
  const fold = (topic: string, offset: number, campaignId: string, slice: number, body: SliceFact['body']): Promise<void> =>
    partition.fold(topic, offset, { about: 'slice', campaignId, tenantId: TENANT, slice, fact: { topic, offset, at: now, body } });
  return {
    partition,
    fold,
    async plan(campaignId: string, slice: number, offset: number): Promise<void> {
      const recipients = [{ index: 0, contactId: `con_${slice}`, channels: ['email'] }];
      const whole = { campaignId, tenantId: TENANT, slice, mode: Mode.PARALLEL, recipients, expiresAt: now * 2 };
      await fold('planned', offset, campaignId, slice, { kind: 'planned', record: PlannedSlice.fromPartial(whole) });
    },
    now: () => now,
    pass: (ms: number): void => void (now += ms),
    async roundAfter(ms: number, force = false): Promise<void> {
      now += ms;
      await flusher.round([partition], force);
    },
  };
}
