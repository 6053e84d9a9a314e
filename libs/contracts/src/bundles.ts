import type { Envelope } from './gen/tocsin/common/v1/common.js';
import {
  AttemptAnswers,
  AttemptAnswersBundle,
  AttemptFacts,
  AttemptFactsBundle,
  type AttemptRecord,
} from './gen/tocsin/deliveries/v1/attempts.js';
import type { GrantRecord } from './gen/tocsin/routing/v1/grants.js';
import { CampaignFrame } from './gen/tocsin/routing/v1/plans.js';
import type { UnpackedRecord } from './envelope.js';

const NONE: readonly never[] = [];

/**
 * Records written in one turn or flush up to which each is a Kafka record of its own, in the trace of its campaign. More travel in bundles: a record of one
 * item costs its two ends as much as ten items in a bundle.
 */
export const RECORDS_APART = 8;

/** Forms in which records are written: as this release does, or as the release before it reads, while instances of both run (docs/upgrade.md). */
export type RecordForm = 'current' | '0.1';

/** Records of one turn or flush up to which each is a Kafka record of its own in this form: release 0.1 knows no bundles. */
export function recordsApart(form: RecordForm): number {
  return form === '0.1' ? Number.POSITIVE_INFINITY : RECORDS_APART;
}

/** What a record of a granted topic grants, campaign by campaign; nothing when it is no grant. `readFrame` may answer a frame it has read before, or none for damaged bytes. */
export function grantsOf(
  unpacked: UnpackedRecord,
  readFrame: (encoded: Buffer) => CampaignFrame | undefined = (encoded) => CampaignFrame.decode(encoded),
): readonly GrantRecord[] {
  switch (unpacked.type) {
    case 'tocsin.routing.v1.GrantRecord':
      return [unpacked.value];
    case 'tocsin.routing.v1.GrantBundle': {
      const { grants, grantedAt } = unpacked.value;
      return grants.map(({ frame, items }) => ({ frame: readFrame(frame), items, routeClass: '', grantedAt }));
    }
    default:
      return NONE;
  }
}

/** What a record of an attempts topic says, slice by slice; nothing when it tells of no attempts. */
export function attemptRecordsOf(unpacked: UnpackedRecord): readonly AttemptRecord[] {
  switch (unpacked.type) {
    case 'tocsin.deliveries.v1.AttemptRecord':
      return [unpacked.value];
    case 'tocsin.deliveries.v1.AttemptBundle':
      return unpacked.value.records;
    default:
      return NONE;
  }
}

/** What a scheduler needs of a record of an attempts topic, slice by slice: addresses, providers and their codes are not decoded. */
export function answersOf({ type, payload }: Envelope): readonly AttemptAnswers[] {
  if (type === 'tocsin.deliveries.v1.AttemptRecord') return [AttemptAnswers.decode(payload)];
  return type === 'tocsin.deliveries.v1.AttemptBundle' ? AttemptAnswersBundle.decode(payload).records : NONE;
}

/** What the ledger folds of a record of an attempts topic, slice by slice; it keeps that until it is stored: addresses and ids of providers are not decoded. */
export function attemptFactsOf({ type, payload }: Envelope): readonly AttemptFacts[] {
  if (type === 'tocsin.deliveries.v1.AttemptRecord') return [AttemptFacts.decode(payload)];
  return type === 'tocsin.deliveries.v1.AttemptBundle' ? AttemptFactsBundle.decode(payload).records : NONE;
}
