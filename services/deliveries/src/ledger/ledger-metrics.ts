import { LANES } from '@tocsin/contracts';
import { dwellHistogram, type Counter, type Gauge, type Histogram, type Metrics } from '@tocsin/observability';
import { RECIPIENT_COUNTS } from '../core/counts.js';
import { FOUR_FACTS, type FactListener } from '../core/four-facts.js';

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
  /** Counts the four facts and times the way to the device. */
  readonly tell: FactListener;
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
    tell: factCounter(metrics),
  };
}

/** A channel appears with its first fact; of a channel of an earlier release the lane is not said. */
function factCounter(metrics: Metrics): FactListener {
  const names = LANES.map((row) => row.name);
  const facts = metrics.counter({
    name: 'delivery_facts_total',
    help: 'Deliveries handed over, accepted by the carrier, on the device, confirmed by a person: four numbers that are never one.',
    labels: { channel: [], lane: names, fact: FOUR_FACTS },
  });
  const dwell = dwellHistogram(metrics, ['on-device'], names);
  return ({ fact, channel, lane, sinceHandOver }) => {
    const name = LANES.find((row) => row.lane === lane)?.name ?? 'unknown';
    facts.add({ channel, lane: name, fact });
    if (fact === 'on-device' && sinceHandOver !== undefined)
      dwell.observe(sinceHandOver / 1_000, { channel, lane: name, stage: 'on-device' });
  };
}
