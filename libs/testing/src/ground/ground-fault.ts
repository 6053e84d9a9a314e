import { TocsinError } from '@tocsin/errors';

/** What keeps the ground from starting, as one sentence that names the remedy. */
export type GroundFaultReason =
  'JAVA_MISSING' | 'JAVA_TOO_OLD' | 'MAVEN_MISSING' | 'DOWNLOAD_FAILED' | 'DOWNLOAD_DAMAGED' | 'DISK_FULL' | 'PORT_BUSY' | 'GROUND_FAILED';

export function groundFault(reason: GroundFaultReason, sentence: string, cause?: unknown): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, sentence, cause === undefined ? {} : { cause });
}
