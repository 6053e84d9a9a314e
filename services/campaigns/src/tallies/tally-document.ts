import type { Tally } from '@tocsin/contracts/campaigns/v1/campaign';
import { TallyPart } from '@tocsin/contracts/deliveries/v1/tallies';
import type { Guarded } from '@tocsin/mongo';
import { type Parts, tallyOfParts } from '../core/tally-parts.js';

/** The parts of a campaign's tally beside the campaign itself: written every second while it runs, where a big audience must not be. */
export interface TallyDocument extends Guarded {
  readonly tenantId: string;
  /** Encoded tocsin.deliveries.v1.TallyPart. */
  readonly parts: readonly Buffer[];
  /** The campaign was told that it is complete. */
  readonly finished: boolean;
}

export function partsOf(document: TallyDocument | null): Parts {
  return new Map((document?.parts ?? []).map((bytes) => TallyPart.decode(bytes)).map((part) => [part.partition, part]));
}

export function tallyOfDocument(document: TallyDocument | null): Tally | undefined {
  return document ? tallyOfParts(partsOf(document)) : undefined;
}

export function encodeParts(parts: Parts): Buffer[] {
  return [...parts.values()].map((part) => Buffer.from(TallyPart.encode(part).finish()));
}
