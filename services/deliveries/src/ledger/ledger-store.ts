import { type DayLists, type Documents, type Guarded, type MongoConnection, openDayLists } from '@tocsin/mongo';
import type { PartDocument } from '../core/part-document.js';
import type { SliceDocument } from '../core/slice-document.js';

/** Names a part that still waits for facts or timers; `_id` = "<partition>:<campaign>", read whole by a partition's new owner. */
export interface PartMarker extends Guarded {
  readonly campaignId: string;
  readonly partition: number;
}

export interface LedgerStore {
  readonly slices: Documents<SliceDocument>;
  readonly parts: Documents<PartDocument>;
  readonly markers: Documents<PartMarker>;
  /** Parts that have ended, a list a ledger partition, by the day their recipients are removed. */
  readonly ended: DayLists;
}

export async function openLedgerStore(connection: MongoConnection): Promise<LedgerStore> {
  return {
    slices: await connection.documents<SliceDocument>('slices'),
    parts: await connection.documents<PartDocument>('parts'),
    markers: await connection.documents<PartMarker>('open_parts'),
    ended: await openDayLists(connection, 'ended_parts'),
  };
}

export function markerId(partition: number, campaignId: string): string {
  return `${partition}:${campaignId}`;
}
