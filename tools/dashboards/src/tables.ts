import type { Dashboard } from './panel.js';

/** What the night shift looks at; every expression is checked against rules and metrics. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    id: 'tocsin-alerts',
    title: 'Tocsin: alerts on their way',
    answers: 'Do alerts leave, are they taken, do they arrive, and who waits?',
    panels: [
      {
        title: 'Alerts that fire',
        unit: 'none',
        stat: true,
        lines: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', legend: '{{alertname}}' }],
      },
      {
        title: 'Life-safety: longest wait',
        unit: 's',
        stat: true,
        lines: [{ expr: 'max(tocsin:longest_wait_seconds:max{lane="life-safety"})', legend: 'waits' }],
      },
      {
        title: 'Handed over',
        unit: 'reqps',
        lines: [{ expr: 'sum by (channel, lane) (tocsin:delivery_facts:rate5m{fact="handed-over"})', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'Accepted by the carrier',
        unit: 'reqps',
        lines: [{ expr: 'sum by (channel, lane) (tocsin:delivery_facts:rate5m{fact="accepted"})', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'On the device',
        unit: 'reqps',
        lines: [{ expr: 'sum by (channel, lane) (tocsin:delivery_facts:rate5m{fact="on-device"})', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'Confirmed by a person',
        unit: 'reqps',
        lines: [{ expr: 'sum by (channel, lane) (tocsin:delivery_facts:rate5m{fact="confirmed"})', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'From release to first hand-over, p95',
        unit: 's',
        lines: [{ expr: 'tocsin:release_to_hand_over_seconds:p95_5m', legend: '{{channel}} {{lane}}' }],
      },
      { title: 'Longest wait', unit: 's', lines: [{ expr: 'tocsin:longest_wait_seconds:max', legend: '{{channel}} {{lane}}' }] },
      ...(['planned', 'granted', 'handed-over', 'accepted', 'on-device'] as const).map((stage) => ({
        title: `Time to ${stage.replace('-', ' ')} from the stage before, p95`,
        unit: 's' as const,
        lines: [{ expr: `tocsin:dwell_seconds:p95_5m{stage="${stage}"}`, legend: '{{channel}} {{lane}}' }],
      })),
      {
        title: 'Slices that wait',
        unit: 'short',
        lines: [{ expr: 'sum by (channel, lane) (tocsin_scheduler_backlog_slices)', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'Held by operators',
        unit: 'short',
        lines: [{ expr: 'sum by (channel, lane) (tocsin_scheduler_held_campaigns)', legend: '{{channel}} {{lane}}' }],
      },
      {
        title: 'Calls refused',
        unit: 'reqps',
        lines: [{ expr: 'sum by (reason) (rate(tocsin_gateway_calls_shed_total[1m]))', legend: '{{reason}}' }],
      },
    ],
  },
  {
    id: 'tocsin-channels',
    title: 'Tocsin: channels and providers',
    answers: 'Which route carries what, and what do providers answer?',
    panels: [
      {
        title: 'Routes bound (1), by instance',
        unit: 'none',
        lines: [{ expr: 'tocsin_channel_route_bound', legend: '{{instance}} {{route}}' }],
      },
      {
        title: 'Circuit: 0 closed, 1 on trial, 2 open',
        unit: 'none',
        lines: [{ expr: 'max by (job, route) (tocsin_channel_route_circuit)', legend: '{{job}} {{route}}' }],
      },
      {
        title: 'Points of routes',
        unit: 'none',
        lines: [{ expr: 'min by (job, route) (tocsin_channel_route_points)', legend: '{{job}} {{route}}' }],
      },
      {
        title: 'Link tests: 1 passed',
        unit: 'none',
        lines: [{ expr: 'min by (job, route, kind) (tocsin_channel_link_test_ok)', legend: '{{job}} {{route}} {{kind}}' }],
      },
      { title: 'Attempts', unit: 'reqps', lines: [{ expr: 'tocsin:channel_attempts:rate1m', legend: '{{job}} {{outcome}}' }] },
      {
        title: 'Failures by reason',
        unit: 'reqps',
        lines: [{ expr: 'sum by (job, reason) (rate(tocsin_channel_failures_total[5m])) > 0', legend: '{{job}} {{reason}}' }],
      },
      {
        title: 'Not submitted',
        unit: 'reqps',
        lines: [{ expr: 'sum by (job, why) (rate(tocsin_channel_not_submitted_total[1m])) > 0', legend: '{{job}} {{why}}' }],
      },
      {
        title: 'Answer of the provider, p95',
        unit: 's',
        lines: [{ expr: 'histogram_quantile(0.95, sum by (job, le) (rate(tocsin_channel_submit_seconds_bucket[1m])))', legend: '{{job}}' }],
      },
      { title: 'In doubt, part of what may be', unit: 'percentunit', lines: [{ expr: 'tocsin:in_doubt:part', legend: '{{job}}' }] },
      {
        title: 'Marked as possible duplicates',
        unit: 'short',
        lines: [{ expr: 'sum by (job) (increase(tocsin_channel_possible_duplicates_total[5m]))', legend: '{{job}}' }],
      },
      {
        title: 'Receipts',
        unit: 'reqps',
        lines: [{ expr: 'sum by (job, match) (rate(tocsin_channel_receipts_total[1m]))', legend: '{{job}} {{match}}' }],
      },
    ],
  },
  {
    id: 'tocsin-platform',
    title: 'Tocsin: processes, Kafka, store',
    answers: 'Is everything up, does it move, and is there room?',
    panels: [
      { title: 'Processes that answer', unit: 'none', lines: [{ expr: 'count by (job, site) (up == 1)', legend: '{{job}} {{site}}' }] },
      { title: 'Not ready', unit: 'none', lines: [{ expr: 'tocsin_ready == 0', legend: '{{instance}}' }] },
      {
        title: 'Starts within ten minutes',
        unit: 'none',
        lines: [{ expr: 'changes(process_start_time_seconds[10m]) > 0', legend: '{{instance}}' }],
      },
      { title: 'Memory', unit: 'bytes', lines: [{ expr: 'process_resident_memory_bytes', legend: '{{instance}}' }] },
      { title: 'CPU', unit: 'percentunit', lines: [{ expr: 'rate(process_cpu_seconds_total[1m])', legend: '{{instance}}' }] },
      {
        title: 'Behind, seconds',
        unit: 's',
        lines: [{ expr: 'max by (job, topic) (tocsin_kafka_lag_seconds)', legend: '{{job}} {{topic}}' }],
      },
      {
        title: 'Behind, records',
        unit: 'short',
        lines: [{ expr: 'sum by (job, topic) (tocsin_kafka_lag_records) > 0', legend: '{{job}} {{topic}}' }],
      },
      {
        title: 'Oldest batch in work',
        unit: 's',
        lines: [{ expr: 'max by (job, reader) (tocsin_kafka_batch_running_seconds)', legend: '{{job}} {{reader}}' }],
      },
      {
        title: 'Writing to Kafka, p95',
        unit: 's',
        lines: [
          {
            expr: 'histogram_quantile(0.95, sum by (job, le) (rate(tocsin_kafka_produce_seconds_bucket{outcome="ok"}[1m])))',
            legend: '{{job}}',
          },
        ],
      },
      {
        title: 'Writing to Kafka that failed',
        unit: 'reqps',
        lines: [{ expr: 'sum by (job) (rate(tocsin_kafka_produce_seconds_count{outcome="failed"}[1m]))', legend: '{{job}}' }],
      },
      {
        title: 'Partitions with missing copies',
        unit: 'none',
        lines: [
          { expr: 'max(tocsin_kafka_partitions_missing_copies)', legend: 'missing' },
          { expr: 'max(tocsin_kafka_partitions_unwritable)', legend: 'unwritable' },
        ],
      },
      {
        title: 'Joins of groups',
        unit: 'short',
        lines: [{ expr: 'sum by (job) (increase(tocsin_kafka_rebalances_total[10m]))', legend: '{{job}}' }],
      },
      { title: 'Store, mean of a command', unit: 's', lines: [{ expr: 'tocsin:store_command_seconds:mean1m', legend: '{{job}}' }] },
      {
        title: 'Store, commands that failed',
        unit: 'reqps',
        lines: [{ expr: 'sum by (job) (rate(tocsin_store_command_failures_total[1m]))', legend: '{{job}}' }],
      },
      {
        title: 'Days until certificates end',
        unit: 'none',
        lines: [{ expr: 'min by (job, certificate) (tocsin_certificate_expires_seconds) / 86400', legend: '{{job}} {{certificate}}' }],
      },
      {
        title: 'Dead letters',
        unit: 'short',
        lines: [{ expr: 'sum by (topic, reason) (increase(tocsin_kafka_dead_letters_total[1h])) > 0', legend: '{{topic}} {{reason}}' }],
      },
      {
        title: 'Audit entries that wait',
        unit: 'short',
        lines: [{ expr: 'sum by (instance) (tocsin_gateway_audit_waiting)', legend: '{{instance}}' }],
      },
      {
        title: 'Age of the newest backup',
        unit: 's',
        lines: [{ expr: 'time() - max(tocsin_backup_taken_timestamp_seconds)', legend: 'age' }],
      },
    ],
  },
];
