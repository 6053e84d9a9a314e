import type { Facts, ProcessFacts } from '../facts.js';
import type { Finding } from '../finding.js';
import { concernsOf, TURNS } from './concerns.js';

/** Seconds life-safety may wait. */
const LIFE_SAFETY_WAIT = 5;
/** Seconds others may wait without a grant: many tenants share a lane, a lone one gets its turn within a second. */
const LANE_WAIT = 60;
/** Seconds a record may wait for its reader while others lie behind it. */
const LAG = 30;
/** Seconds one batch may take: a service that does not move ends itself after 15. */
const BATCH = 12;
/** Seconds a command of the store takes on average from which on it is slow, and commands that make an average. */
const SLOW_COMMAND = 0.25;
const COMMANDS = 5;

/** What is wrong on the way of an alert through the services. */
export function flowFindings({ processes }: Facts): readonly Finding[] {
  const answering = processes.filter(({ kind, probe }) => kind === 'service' && probe.answer === 'yes');
  return [
    ...heldFindings(answering),
    ...waitFindings(answering),
    ...answering.flatMap(readerFindings),
    ...storeFindings(answering),
    ...answering.flatMap(sheddingFindings),
  ];
}

function heldFindings(processes: readonly ProcessFacts[]): readonly Finding[] {
  return lanes(processes, 'tocsin_scheduler_held_campaigns', 0).map(({ channel, lane, value }) => ({
    kind: 'LaneHeld',
    severity: lane === 'life-safety' ? 'critical' : 'warning',
    subject: `${channel}/${lane}`,
    concerns: [channel],
    sentence: `Operators hold ${value} ${value === 1 ? 'campaign' : 'campaigns'} of lane ${lane} on ${channel}: "tocsin platform controls" says who and why.`,
    evidence: [`tocsin_scheduler_held_campaigns{channel="${channel}",lane="${lane}"} ${value}`],
  }));
}

function waitFindings(processes: readonly ProcessFacts[]): readonly Finding[] {
  return lanes(processes, 'tocsin_scheduler_longest_wait_seconds', LIFE_SAFETY_WAIT).flatMap(({ channel, lane, value }): Finding[] => {
    const urgent = lane === 'life-safety';
    if (!urgent && value <= LANE_WAIT) return [];
    return [
      {
        kind: urgent ? 'LifeSafetyWaits' : 'BacklogOld',
        severity: urgent ? 'critical' : 'warning',
        subject: `${channel}/${lane}`,
        concerns: [channel, TURNS],
        sentence: `${urgent ? 'A life-safety alert' : `A campaign of lane ${lane}`} has been granted nothing on ${channel} for ${Math.round(value)} s.`,
        evidence: [`tocsin_scheduler_longest_wait_seconds{channel="${channel}",lane="${lane}"} ${value.toFixed(1)}`],
      },
    ];
  });
}

/** The highest value above a bound of each channel and lane: a gauge of the scheduler's owner. */
function lanes(
  processes: readonly ProcessFacts[],
  metric: string,
  above: number,
): readonly { channel: string; lane: string; value: number }[] {
  const found = new Map<string, { channel: string; lane: string; value: number }>();
  for (const { labels, value } of processes.flatMap(({ probe }) => probe.metrics.series(metric))) {
    const { channel = '', lane = '' } = labels;
    const key = `${channel}/${lane}`;
    if (value > above && value > (found.get(key)?.value ?? 0)) found.set(key, { channel, lane, value });
  }
  return [...found.values()];
}

function readerFindings({ name, service, probe }: ProcessFacts): readonly Finding[] {
  const concerns = concernsOf(service);
  const stuck = probe.metrics.series('tocsin_kafka_batch_running_seconds').filter(({ value }) => value > BATCH);
  const late = probe.metrics.series('tocsin_kafka_lag_seconds').filter(({ value }) => value > LAG);
  return [
    ...stuck.map(({ labels, value }): Finding => ({
      kind: 'ConsumerStuck',
      severity: 'critical',
      subject: `${name}/${labels['reader']}`,
      concerns,
      sentence: `${name} has been at one batch of reader ${labels['reader']} for ${Math.round(value)} s: what lies behind it waits.`,
      evidence: [`tocsin_kafka_batch_running_seconds{reader="${labels['reader']}"} ${value.toFixed(1)}`],
    })),
    ...late.map(({ labels, value }): Finding => ({
      kind: 'BacklogOld',
      severity: 'warning',
      subject: `${name}/${labels['topic']}`,
      concerns,
      sentence: `${name} is ${Math.round(value)} s behind in ${labels['topic']}.`,
      evidence: [`tocsin_kafka_lag_seconds{reader="${labels['reader']}",topic="${labels['topic']}"} ${value.toFixed(1)}`],
    })),
  ];
}

function storeFindings(processes: readonly ProcessFacts[]): readonly Finding[] {
  const grew = (name: string): number => processes.reduce((sum, { probe }) => sum + probe.metrics.grew(name), 0);
  const commands = grew('tocsin_store_command_seconds_count');
  const seconds = commands > 0 ? grew('tocsin_store_command_seconds_sum') / commands : 0;
  if (commands < COMMANDS || seconds < SLOW_COMMAND) return [];
  return [
    {
      kind: 'StoreSlow',
      severity: 'warning',
      subject: 'document store',
      concerns: [],
      sentence: `The document store is slow: its commands take ${Math.round(seconds * 1_000)} ms on average.`,
      evidence: [`${commands} commands between two looks`],
    },
  ];
}

function sheddingFindings({ name, probe }: ProcessFacts): readonly Finding[] {
  const reasons = probe.metrics.series('tocsin_gateway_calls_shed_total').flatMap(({ labels }) => {
    const refused = probe.metrics.grew('tocsin_gateway_calls_shed_total', labels);
    return refused > 0 ? [`${labels['reason']}: ${refused}`] : [];
  });
  if (reasons.length === 0) return [];
  const sentence = `${name} refuses calls because it cannot answer them all; alerts within their quota go on.`;
  return [{ kind: 'ApiShedding', severity: 'warning', subject: name, concerns: ['gateway'], sentence, evidence: reasons }];
}
