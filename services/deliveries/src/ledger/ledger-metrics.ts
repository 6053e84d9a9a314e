import type { Counter, Gauge, Histogram, Metrics } from '@tocsin/observability';
import { RECIPIENT_COUNTS } from '../core/counts.js';

const STATES = [...RECIPIENT_COUNTS.slice(1), 'pending'];

export interface LedgerMetrics {
  readonly facts: Counter;
  readonly writes: Counter;
  readonly writeInterval: Histogram;
  readonly foldLag: Histogram;
  readonly dirty: Gauge;
  readonly resident: Gauge;
  readonly recipients: Gauge;
  readonly dues: Counter;
}

export function ledgerMetrics(metrics: Metrics): LedgerMetrics {
  return {
    facts: metrics.counter({
      name: 'ledger_facts_total',
      help: 'Records folded, by what they are about.',
      labels: { about: ['slice', 'plan-closed', 'campaign-closed', 'nothing', 'refused'] },
    }),
    writes: metrics.counter({
      name: 'ledger_writes_total',
      help: 'Guarded writes, by what and whether the guard held.',
      labels: { what: ['slice', 'part'], guard: ['held', 'lost'] },
    }),
    writeInterval: metrics.histogram({
      name: 'ledger_write_interval_seconds',
      help: 'How long a slice differed from the store before it was written.',
      buckets: [0.25, 0.5, 1, 2, 4, 8, 16, 32],
    }),
    foldLag: metrics.histogram({
      name: 'ledger_fold_lag_seconds',
      help: 'Age of the last record of a batch when it was folded.',
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60],
    }),
    dirty: metrics.gauge({ name: 'ledger_dirty_slices', help: 'Slices that differ from the store.' }),
    resident: metrics.gauge({ name: 'ledger_resident_slices', help: 'Slices in memory.' }),
    recipients: metrics.gauge({
      name: 'ledger_recipients',
      help: 'Recipients of the parts in memory, by state.',
      labels: { state: STATES },
    }),
    dues: metrics.counter({ name: 'ledger_dues_total', help: 'Due records emitted.' }),
  };
}
