import { contactId } from '@tocsin/contracts';
import type { StoredContact } from '@tocsin/contracts/subscribers/v1/stored_page';
import type { Audience, AudienceChannel } from '@tocsin/contracts/subscribers/v1/audience';
import { invalidArgument, notFound } from '@tocsin/errors';
import type { Sealer } from '@tocsin/sealing';
import { DEFAULT_PURPOSE } from '../importing/import-state.js';
import type { HeadDocument, Heads } from '../register/heads.js';
import type { Page, Pages } from '../register/pages.js';
import { pagesOf, registerScope } from '../register/scope.js';
import { openPosition } from '../register/sealed-contact.js';
import type { Suppressions } from '../suppressions/suppressions.js';
import type { Lane } from '../turns/lanes.js';
import { Slices } from '../turns/slices.js';
import { reach, type Unreachable, type Way } from './reach.js';
import { compileRule } from './rule.js';

export interface WalkParts {
  readonly heads: Heads;
  readonly pages: Pages;
  readonly suppressions: Suppressions;
  readonly sealer: Sealer;
  /** For whom it walks. */
  readonly lane: Lane;
  /** Of the call: who gives up a walk must not have it read on beside the next one. */
  readonly signal: AbortSignal;
}

export interface WalkOrder {
  readonly tenantId: string;
  readonly audience: Audience | undefined;
  readonly channels: readonly AudienceChannel[];
  readonly purpose: string;
  /** Position after the last page taken, '' = from the start. */
  readonly afterPosition: string;
}

export interface WalkedPage {
  readonly position: string;
  readonly head: HeadDocument;
  readonly selected: readonly { readonly contactId: string; readonly contact: StoredContact; readonly ways: readonly Way[] }[];
  readonly notReachable: ReadonlyMap<Unreachable, number>;
  readonly last: boolean;
}

/** Pages read ahead of the one being served: hides the store's round trip, bounds memory to a megabyte. */
const READ_AHEAD = 4;
/** Channels of one campaign at most. */
const MAX_CHANNELS = 20;
/** Digits of a position: positions compare as text. */
const POSITION_DIGITS = 10;

/** Walks a register page by page in page order, each contact of the walk once; a register that ends with `last` has at least one page, possibly empty. */
export async function* walkPages(order: WalkOrder, parts: WalkParts): AsyncGenerator<WalkedPage> {
  checkChannels(order.channels);
  const purpose = order.purpose || DEFAULT_PURPOSE;
  const rule = compileRule(order.audience);
  const scope = registerScope(order.tenantId, order.audience?.register ?? 0);
  const head = await parts.heads.get(scope);
  if (!head) throw notFound('Register');
  const first = order.afterPosition === '' ? 0 : readPosition(order.afterPosition) + 1;
  const count = pagesOf(head.places);
  if (first >= count) {
    yield { position: order.afterPosition || formatPosition(0), head, selected: [], notReachable: new Map(), last: true };
    return;
  }
  const ahead: Promise<() => Page>[] = [];
  const read = (number: number): void => {
    const page = parts.pages.fetch(scope, number);
    // Awaited below; a walk that ends early must not leave a rejection unheard.
    page.catch(() => undefined);
    ahead.push(page);
  };
  let next = first;
  // The first page goes alone, so that it is served after two reads.
  read(next++);
  const slices = new Slices(parts.lane, order.tenantId);
  for (let number = first; number < count; number += 1) {
    parts.signal.throwIfAborted();
    const stops = await parts.suppressions.of(order.tenantId);
    const stored = await ahead.shift();
    while (next < count && ahead.length < READ_AHEAD) read(next++);
    if (!stored) return;
    // A page is about a slice; the first one does not wait: it is all that most registers have.
    if (number > first) await slices.turn();
    const page = stored();
    const selected: { contactId: string; contact: StoredContact; ways: readonly Way[] }[] = [];
    const notReachable = new Map<Unreachable, number>();
    const miss = (reason: Unreachable): void => void notReachable.set(reason, (notReachable.get(reason) ?? 0) + 1);
    for (const contact of page.contacts) {
      await slices.breathe();
      const id = contactId(number, contact.slot);
      const taken = rule.select(contact, id, () => openPosition(contact, { sealer: parts.sealer, key: head.sealKey }));
      if (taken === 'no') continue;
      const ways = taken === 'yes' ? reach(contact, order.channels, purpose, (channel, hash) => stops.has(channel, hash, purpose)) : taken;
      if (typeof ways === 'string') miss(ways);
      else selected.push({ contactId: id, contact, ways });
    }
    yield { position: formatPosition(number), head, selected, notReachable, last: number === count - 1 };
  }
}

function checkChannels(channels: readonly AudienceChannel[]): void {
  const names = new Set(channels.map(({ channel }) => channel));
  if (channels.length === 0 || channels.length > MAX_CHANNELS || names.size < channels.length || names.has('')) {
    throw invalidArgument([{ field: 'channels', description: `must be 1 to ${MAX_CHANNELS} different channels` }]);
  }
}

function formatPosition(page: number): string {
  return String(page).padStart(POSITION_DIGITS, '0');
}

function readPosition(text: string): number {
  if (!/^\d{10}$/.test(text)) throw invalidArgument([{ field: 'after_position', description: 'must be a position of an earlier answer' }]);
  return Number(text);
}
