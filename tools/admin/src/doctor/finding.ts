/** What may be wrong; each is an alert in deploy/observability and a runbook in deploy/runbooks, from causes to symptoms. */
export const FINDING_KINDS = [
  'DiskFilling',
  'CertificateExpiring',
  'SiteAway',
  'KafkaAway',
  'StoreAway',
  'ServiceFrozen',
  'RestartLoop',
  'ServiceDown',
  'NoProgress',
  'ConsumerStuck',
  'RouteDown',
  'RouteHeld',
  'CircuitOpen',
  'LinkTestFailing',
  'ProviderThrottles',
  'ProviderSlow',
  'LaneHeld',
  'DeadLetters',
  'UnderReplicated',
  'AuditBroken',
  'BackupOld',
  'StoreSlow',
  'ApiShedding',
  'InDoubtHigh',
  'ReceiptsMissing',
  'DuplicatesMarked',
  'LifeSafetyWaits',
  'BacklogOld',
  'NotReady',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export type Severity = 'critical' | 'warning';

/** One thing that is wrong, in a sentence a person on call understands at night. */
export interface Finding {
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** What it is about: a process, service, channel, route, lane, topic; '' = the whole. */
  readonly subject: string;
  /** Services and channels it concerns: symptoms there may follow from it. Empty = all. */
  readonly concerns: readonly string[];
  readonly sentence: string;
  /** Figures that show it. */
  readonly evidence: readonly string[];
}

/** Where to read what to do. */
export function runbookOf({ kind }: Pick<Finding, 'kind'>): string {
  return `deploy/runbooks/${kind}.md`;
}
