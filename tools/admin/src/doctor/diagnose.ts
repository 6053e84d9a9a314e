import type { Facts } from './facts.js';
import { FINDING_KINDS, type Finding, type FindingKind } from './finding.js';
import { channelFindings } from './rules/channels.js';
import { flowFindings } from './rules/flow.js';
import { groundFindings } from './rules/ground.js';
import { keepingFindings } from './rules/keeping.js';
import { processFindings } from './rules/processes.js';

/** A cause and the symptoms that follow from it. */
export interface Diagnosis extends Finding {
  readonly follows: readonly Finding[];
}

const ALL_SYMPTOMS: readonly FindingKind[] = [
  'NoProgress',
  'ConsumerStuck',
  'ApiShedding',
  'InDoubtHigh',
  'ReceiptsMissing',
  'DuplicatesMarked',
  'LifeSafetyWaits',
  'BacklogOld',
  'NotReady',
];
const PROCESS_FAULTS: readonly FindingKind[] = ['ServiceFrozen', 'RestartLoop', 'ServiceDown'];
const ROUTE_FAULTS: readonly FindingKind[] = ['CircuitOpen', 'LinkTestFailing', 'ProviderThrottles', 'ProviderSlow'];
const WAITS: readonly FindingKind[] = ['LifeSafetyWaits', 'BacklogOld'];
const GROUND_ENDS: readonly FindingKind[] = [...PROCESS_FAULTS, ...ALL_SYMPTOMS, 'UnderReplicated', 'StoreSlow', 'RouteDown'];
const SERVICE_ENDS: readonly FindingKind[] = [...ALL_SYMPTOMS, 'RouteDown', 'StoreSlow'];

/** What may follow from what, where both concern the same; a kind that is not named explains nothing. */
const FOLLOWS: Readonly<Partial<Record<FindingKind, readonly FindingKind[]>>> = {
  DiskFilling: ['KafkaAway', 'StoreAway', ...GROUND_ENDS],
  CertificateExpiring: ['KafkaAway', 'StoreAway', ...GROUND_ENDS],
  SiteAway: ['KafkaAway', ...GROUND_ENDS],
  KafkaAway: GROUND_ENDS,
  StoreAway: GROUND_ENDS,
  ServiceFrozen: SERVICE_ENDS,
  RestartLoop: ['ServiceDown', ...SERVICE_ENDS],
  ServiceDown: SERVICE_ENDS,
  NoProgress: [...WAITS, 'NotReady'],
  ConsumerStuck: [...WAITS, 'NotReady', 'ReceiptsMissing'],
  RouteDown: [...ROUTE_FAULTS, ...WAITS, 'InDoubtHigh', 'DuplicatesMarked', 'ReceiptsMissing', 'NotReady'],
  RouteHeld: ['RouteDown', ...ROUTE_FAULTS, ...WAITS, 'NotReady'],
  CircuitOpen: ['LinkTestFailing', 'ProviderThrottles', 'ProviderSlow', ...WAITS, 'InDoubtHigh', 'DuplicatesMarked', 'NotReady'],
  LinkTestFailing: ['ProviderSlow', ...WAITS, 'NotReady'],
  ProviderThrottles: ['ProviderSlow', ...WAITS],
  ProviderSlow: [...WAITS, 'InDoubtHigh', 'DuplicatesMarked'],
  LaneHeld: WAITS,
  StoreSlow: [...WAITS, 'ApiShedding'],
};

/** What is wrong, causes before symptoms and the most severe first; empty = nothing is. Pure. */
export function diagnose(facts: Facts): readonly Diagnosis[] {
  const findings = [
    ...keepingFindings(facts),
    ...groundFindings(facts),
    ...processFindings(facts),
    ...channelFindings(facts),
    ...flowFindings(facts),
  ].sort(bySeverity);
  const causes: Finding[] = [];
  const followers = new Map<Finding, Finding[]>();
  for (const finding of findings.toSorted(byDepth)) {
    const cause = causes.find((candidate) => explains(candidate, finding));
    if (cause === undefined) causes.push(finding);
    else followers.set(cause, [...(followers.get(cause) ?? []), finding]);
  }
  return causes.sort(bySeverity).map((cause) => ({ ...cause, follows: followers.get(cause) ?? [] }));
}

function explains(cause: Finding, symptom: Finding): boolean {
  if (!(FOLLOWS[cause.kind] ?? []).includes(symptom.kind)) return false;
  if (cause.concerns.length === 0 || symptom.concerns.length === 0) return true;
  return symptom.concerns.some((name) => cause.concerns.includes(name));
}

function byDepth(a: Finding, b: Finding): number {
  return FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind);
}

function bySeverity(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return a.severity === 'critical' ? -1 : 1;
  return byDepth(a, b);
}
