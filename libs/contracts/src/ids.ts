import { randomFillSync } from 'node:crypto';
import { monotonicFactory } from 'ulid';

declare const brand: unique symbol;
type Branded<B extends string> = string & { readonly [brand]: B };

export type TenantId = Branded<'ten'>;
export type CampaignId = Branded<'cmp'>;
export type DeliveryId = Branded<'delivery'>;

/** Prefixes of ULID ids; a contact's id names its place instead. */
export type IdPrefix = 'ten' | 'cmp' | 'prn' | 'key' | 'imp' | 'evt' | 'aud' | 'plan';

/** Random octets drawn at once: the library would ask the system's generator for each of the sixteen letters of an id (16 µs in all). */
const DRAWN = 4_096;
const drawn = Buffer.alloc(DRAWN);
let used = DRAWN;

/** 0 <= x < 1, even over the 32 letters. */
function random(): number {
  if (used === DRAWN) {
    randomFillSync(drawn);
    used = 0;
  }
  return (drawn[used++] ?? 0) / 256;
}

const next = monotonicFactory(random);

/** A new id "<prefix>_<ULID>", ordered by time within a process. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${next()}`;
}

/** Whether a text has the shape "<prefix>_<ULID>". */
export function isId(prefix: IdPrefix, text: string): boolean {
  return text.startsWith(`${prefix}_`) && /^[0-9A-HJKMNP-TV-Z]{26}$/.test(text.slice(prefix.length + 1));
}

/** "con_<page>_<slot>": page of the register and slot in it, both from 0. */
export function contactId(page: number, slot: number): string {
  return `con_${page}_${slot}`;
}

export function parseContactId(id: string): { page: number; slot: number } | undefined {
  const match = /^con_(\d{1,9})_(\d{1,3})$/.exec(id);
  return match ? { page: Number(match[1]), slot: Number(match[2]) } : undefined;
}

export interface DeliveryPlace {
  readonly campaignId: string;
  readonly slice: number;
  readonly index: number;
  readonly channel: string;
}

/** "<campaign>.<slice>.<index>.<channel>": a delivery names its place in the ledger. */
export function deliveryId(place: DeliveryPlace): string {
  return `${place.campaignId}.${place.slice}.${place.index}.${place.channel}`;
}

export function parseDeliveryId(id: string): DeliveryPlace | undefined {
  const match = /^(cmp_[0-9A-Z]{26})\.(\d+)\.(\d+)\.([a-z][a-z0-9-]*)$/.exec(id);
  if (!match) return undefined;
  return { campaignId: match[1]!, slice: Number(match[2]), index: Number(match[3]), channel: match[4]! };
}

/** Key of everything that concerns one slice: "<campaign>:<slice>". */
export function sliceKey(campaignId: string, slice: number): string {
  return `${campaignId}:${slice}`;
}
