import type { Facts, ProcessFacts } from '../facts.js';
import type { Finding, FindingKind } from '../finding.js';
import { concernsOf } from './concerns.js';

/** Ends nobody asked for, within this time, that make a loop. */
const LOOP_ENDS = 3;
const LOOP_MS = 120_000;

/** What is wrong with services as processes: frozen, ending again and again, away, stuck, not ready. */
export function processFindings(facts: Facts): readonly Finding[] {
  const services = facts.processes.filter(({ kind }) => kind === 'service');
  const sites = sitesAway(services);
  const standing = services.filter(({ place }) => !sites.some(({ subject }) => subject === place));
  return [...sites, ...standing.flatMap((process) => findingOf(process, services, facts.at))];
}

/** Where several places are known and nothing of one answers, the place is away. */
function sitesAway(services: readonly ProcessFacts[]): readonly Finding[] {
  const places = [...new Set(services.map(({ place }) => place).filter((place) => place !== ''))];
  if (places.length < 2) return [];
  const away = places.filter((place) => services.every((process) => process.place !== place || process.probe.answer !== 'yes'));
  return away.map((place) => ({
    kind: 'SiteAway',
    severity: 'critical',
    subject: place,
    concerns: [],
    sentence: `Site ${place} is away: none of its ${services.filter((process) => process.place === place).length} processes answers.`,
    evidence: services.filter((process) => process.place === place).map(({ name, probe }) => `${name}: ${probe.answer}`),
  }));
}

function findingOf(process: ProcessFacts, services: readonly ProcessFacts[], now: number): readonly Finding[] {
  const { name, service, state, ends, probe } = process;
  const others = services.filter(
    (other) => other.service === service && other !== process && other.probe.answer === 'yes' && other.probe.ready,
  ).length;
  const severity = others === 0 ? 'critical' : 'warning';
  const rest =
    others === 0 ? 'no other instance of it is ready' : `${others === 1 ? 'its other instance goes' : 'its other instances go'} on`;
  const said = (kind: FindingKind, sentence: string, evidence: readonly string[]): readonly Finding[] => [
    { kind, severity, subject: name, concerns: concernsOf(service), sentence, evidence },
  ];
  const lately = ends.filter(({ at }) => now - at < LOOP_MS);
  if (lately.length >= LOOP_ENDS) {
    const how = [...new Set(lately.map((end) => end.how))].join(', ');
    const evidence = lately.map((end) => `ended ${secondsAgo(end.at, now)} ago: ${end.how}`);
    return said('RestartLoop', `${name} ends again and again: ${lately.length} times within two minutes (${how}); ${rest}.`, evidence);
  }
  if (state === 'stopped' || (probe.answer === 'silent' && state !== 'gone')) {
    const seen = state === 'stopped' ? 'its process is stopped' : 'it takes connections and does not answer';
    return said('ServiceFrozen', `${name} is frozen: ${seen}; ${rest}.`, [`process: ${state}`, `/live: ${probe.answer}`]);
  }
  if (probe.answer !== 'yes') {
    const last = lately.at(-1);
    const why = last ? `it ended ${secondsAgo(last.at, now)} ago (${last.how})` : 'nothing listens at its address';
    return said('ServiceDown', `${name} does not run: ${why}; ${rest}.`, [`process: ${state}`, `/live: ${probe.answer}`]);
  }
  if (!probe.live) return said('NoProgress', `${name} has work and does not move: it says that it is not alive; ${rest}.`, ['/live: 503']);
  if (probe.ready || probe.waiting.includes('draining')) return [];
  const waiting = probe.waiting.join(', ');
  return said('NotReady', `${name} runs and is not ready: it waits for ${waiting}; ${rest}.`, [`/ready: 503 (${waiting})`]);
}

function secondsAgo(at: number, now: number): string {
  return `${Math.max(0, Math.round((now - at) / 1_000))} s`;
}
