import type { Facts, ProcessFacts } from '../facts.js';
import type { Finding, FindingKind, Severity } from '../finding.js';

/** Part of the answers of a provider that may be "slow down" before it is said to throttle. */
const THROTTLED_PART = 0.1;
/** Seconds an answer takes on average from which on a provider is slow. */
const SLOW_ANSWER = 2;
/** Part of what may be in doubt that is a lot. */
const IN_DOUBT_PART = 0.9;
/** Value of tocsin_channel_route_circuit of an open circuit. */
const CIRCUIT_OPEN = 2;

interface Channel {
  /** "sms". */
  readonly key: string;
  readonly service: string;
  /** Those that answer. */
  readonly instances: readonly ProcessFacts[];
}

/** What is wrong between a channel and its providers. */
export function channelFindings({ processes }: Facts): readonly Finding[] {
  const answering = processes.filter(
    ({ kind, service, probe }) => kind === 'service' && service.startsWith('channel-') && probe.answer === 'yes',
  );
  const services = [...new Set(answering.map(({ service }) => service))];
  return services.flatMap((service) => {
    const channel = {
      key: service.slice('channel-'.length),
      service,
      instances: answering.filter((process) => process.service === service),
    };
    return [...routeFindings(channel), ...trafficFindings(channel)];
  });
}

function routeFindings(channel: Channel): readonly Finding[] {
  const { key, instances } = channel;
  const names = new Set(
    instances.flatMap(({ probe }) => probe.metrics.series('tocsin_channel_route_bound').map(({ labels }) => labels['route'] ?? '')),
  );
  const most = (name: string, route: string): number =>
    Math.max(...instances.flatMap(({ probe }) => valuesOf(probe.metrics.series(name, { route }))), 0);
  const least = (name: string, route: string): number =>
    Math.min(...instances.flatMap(({ probe }) => valuesOf(probe.metrics.series(name, { route }))), 1);
  const bound = [...names].filter((route) => most('tocsin_channel_route_bound', route) > 0);
  return [...names].flatMap((route): readonly Finding[] => {
    const said = saying(channel, route, bound.length === 0 ? 'critical' : 'warning');
    const rest =
      bound.length === 0 ? `nothing leaves by ${key}` : `${key} goes on by ${bound.filter((other) => other !== route).join(', ')}`;
    if (most('tocsin_channel_route_paused', route) > 0) {
      return said('RouteHeld', `Route ${route} of ${key} is paused by an operator.`, [`tocsin_channel_route_paused{route="${route}"} 1`]);
    }
    if (!bound.includes(route)) {
      const seen = instances.map(({ name }) => `${name}: tocsin_channel_route_bound{route="${route}"} 0`);
      return said('RouteDown', `The provider of ${key} cannot be reached by route ${route}: no instance is bound to it, ${rest}.`, seen);
    }
    if (most('tocsin_channel_route_circuit', route) === CIRCUIT_OPEN) {
      return said('CircuitOpen', `Route ${route} of ${key} is set aside: too many of its answers failed or did not come.`, [
        `tocsin_channel_route_circuit{route="${route}"} 2`,
        `points: ${Math.round(least('tocsin_channel_route_points', route))} of 100`,
      ]);
    }
    const failed = instances
      .flatMap(({ probe }) => probe.metrics.series('tocsin_channel_link_test_ok', { route }))
      .filter(({ value }) => value === 0);
    if (failed.length === 0) return [];
    const kinds = [...new Set(failed.map(({ labels }) => labels['kind'] ?? ''))].join(', ');
    return said('LinkTestFailing', `Route ${route} of ${key} fails its link test (${kinds}).`, [
      `tocsin_channel_link_test_ok{route="${route}"} 0`,
    ]);
  });
}

function trafficFindings(channel: Channel): readonly Finding[] {
  const { key, instances } = channel;
  const said = saying(channel, '', 'warning');
  const grew = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    instances.reduce((sum, { probe }) => sum + probe.metrics.grew(name, labels), 0);
  const now = (name: string): number => instances.reduce((sum, { probe }) => sum + probe.metrics.sum(name), 0);
  const findings: Finding[] = [];
  const answers = grew('tocsin_channel_submit_seconds_count');
  const throttled = grew('tocsin_channel_not_submitted_total', { why: 'throttled' });
  if (throttled > 0 && throttled >= answers * THROTTLED_PART) {
    const shown = [`"slow down": ${throttled} of ${answers} answers between two looks`];
    findings.push(
      ...said('ProviderThrottles', `The provider of ${key} asks to slow down: it takes less than its route's rate says.`, shown),
    );
  }
  const seconds = answers > 0 ? grew('tocsin_channel_submit_seconds_sum') / answers : 0;
  const [inDoubt, limit] = [now('tocsin_channel_in_doubt'), now('tocsin_channel_in_doubt_limit')];
  const full = limit > 0 && inDoubt >= limit * IN_DOUBT_PART;
  if (seconds >= SLOW_ANSWER || (full && answers === 0)) {
    const how = answers === 0 ? 'takes submissions and does not answer' : `answers after ${seconds.toFixed(1)} s`;
    findings.push(
      ...said('ProviderSlow', `The provider of ${key} is slow: it ${how}.`, [
        `submitted and unanswered or unrecorded: ${inDoubt} of ${limit}`,
      ]),
    );
  }
  if (full) {
    const sentence = `${key} has as much in doubt as it may: nothing more is submitted until answers come and Kafka has recorded them.`;
    findings.push(...said('InDoubtHigh', sentence, [`tocsin_channel_in_doubt ${inDoubt}`, `tocsin_channel_in_doubt_limit ${limit}`]));
  }
  const twice = grew('tocsin_channel_possible_duplicates_total');
  if (twice > 0) {
    findings.push(
      ...said('DuplicatesMarked', `${twice} attempts of ${key} were marked as possible duplicates between two looks.`, [
        `grew by ${twice}`,
      ]),
    );
  }
  return findings;
}

type Say = (kind: FindingKind, sentence: string, evidence: readonly string[]) => readonly Finding[];

function saying({ key, service }: Channel, route: string, severity: Severity): Say {
  return (kind, sentence, evidence) => [
    { kind, severity, subject: route === '' ? key : `${key}/${route}`, concerns: [key, service], sentence, evidence },
  ];
}

function valuesOf(series: readonly { readonly value: number }[]): readonly number[] {
  return series.map(({ value }) => value);
}
