import type { Facts, ProcessFacts } from '../facts.js';
import type { Finding } from '../finding.js';

/** ms of a point read from which on a store is slow: it answers in one or two; a machine with much else to do takes some dozens. */
const SLOW_READ_MS = 500;
/** Part of a disk, and bytes, that must be free. */
const LEAST_FREE_PART = 0.1;
const LEAST_FREE_BYTES = 1_073_741_824;

/** What is wrong with Kafka, the document store and the disks below them. */
export function groundFindings({ kafka, store, disks, processes }: Facts): readonly Finding[] {
  const findings: Finding[] = disks.flatMap(({ path, freeBytes, totalBytes }): Finding[] => {
    if (freeBytes >= LEAST_FREE_BYTES && freeBytes >= totalBytes * LEAST_FREE_PART) return [];
    const full = freeBytes < LEAST_FREE_BYTES / 10;
    const free = `${Math.floor(freeBytes / 1_048_576)} of ${Math.floor(totalBytes / 1_048_576)} MiB`;
    return [
      {
        kind: 'DiskFilling',
        severity: full ? 'critical' : 'warning',
        subject: path,
        concerns: [],
        sentence: `The disk of ${path} ${full ? 'is full' : 'fills up'}: ${free} are free.`,
        evidence: [`free: ${free}`],
      },
    ];
  });
  const ground = (name: RegExp): string[] =>
    processes.filter((process) => process.kind === 'ground' && name.test(process.name)).flatMap(stateOf);
  if (kafka && (!kafka.reachable || kafka.nodes < kafka.nodesExpected)) {
    const sentence = kafka.reachable
      ? `Kafka has ${kafka.nodes} of ${kafka.nodesExpected} brokers: what it keeps has a copy less.`
      : 'Kafka is away: no broker answers, so nothing is granted, sent or recorded.';
    const evidence = [...ground(/kafka|broker/i), kafka.error, `brokers up: ${kafka.nodes} of ${kafka.nodesExpected}`].filter(Boolean);
    findings.push({
      kind: 'KafkaAway',
      severity: kafka.reachable ? 'warning' : 'critical',
      subject: 'kafka',
      concerns: [],
      sentence,
      evidence,
    });
  }
  const short = kafka?.partitions.filter(({ copies, inSync }) => inSync < copies) ?? [];
  if (kafka?.reachable && short.length > 0) {
    const leaderless = short.filter(({ leader }) => leader < 0).length;
    findings.push({
      kind: 'UnderReplicated',
      severity: leaderless > 0 ? 'critical' : 'warning',
      subject: 'kafka',
      concerns: [],
      sentence: `${short.length} partitions have fewer copies in sync than they should${leaderless > 0 ? `, ${leaderless} of them cannot be written at all` : ''}.`,
      evidence: short.slice(0, 5).map(({ topic, copies, inSync }) => `${topic}: ${inSync} of ${copies}`),
    });
  }
  if (store && !store.reachable) {
    findings.push({
      kind: 'StoreAway',
      severity: 'critical',
      subject: 'document store',
      concerns: [],
      sentence: 'The document store does not answer: no decision is taken, nothing new is planned; what was granted still leaves.',
      evidence: [...ground(/store|mongo/i), store.error].filter(Boolean),
    });
  } else if (store && store.ms >= SLOW_READ_MS) {
    findings.push({
      kind: 'StoreSlow',
      severity: 'warning',
      subject: 'document store',
      concerns: [],
      sentence: `The document store is slow: a single read took ${Math.round(store.ms)} ms.`,
      evidence: [`point read: ${Math.round(store.ms)} ms`],
    });
  }
  return findings;
}

function stateOf({ name, state, ends }: ProcessFacts): string[] {
  const last = ends.at(-1);
  if (state === 'stopped') return [`${name}: its process is stopped`];
  if (state === 'gone') return [`${name}: its process has ended${last ? ` (${last.how})` : ''}`];
  return [];
}
