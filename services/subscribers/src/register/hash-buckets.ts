import { setTimeout as pause } from 'node:timers/promises';
import { TocsinError } from '@tocsin/errors';
import type { Documents, Guarded } from '@tocsin/mongo';
import { tenantOf, type Lane } from '../turns/lanes.js';
import { sideBySide } from '../turns/side-by-side.js';
import { Slices } from '../turns/slices.js';

/** A node of the tree: a bucket of entries (split = 0), or the mark that its entries moved to 2^split children. */
export interface BucketDocument extends Guarded {
  readonly split: number;
  /** Version of the parent whose entries this one was made of; 0 for a root. */
  readonly from: number;
  readonly body: Buffer;
}

/** Anything found by its hash: 16 bytes written as Latin-1 text, which costs the collector less than a Buffer and compares as bytes do. */
export interface Hashed {
  readonly key: string;
}

/** How the entries of a bucket lie in its body. An empty body has none. */
export interface BodyCodec {
  count(body: Buffer): number;
  /** Sorts the entries into parts by `bits` bits of their hash from bit `from` on; parts without entries may be left out. */
  split(body: Buffer, from: number, bits: number): ReadonlyMap<string, Buffer>;
}

const EMPTY = Buffer.alloc(0);
/** Entries a bucket holds before it splits: about one bucket per 250 entries in the mean. */
const MAX_ENTRIES = 512;
/** Entries of a child in the mean right after a split, at most. */
const CHILD_ENTRIES = 384;
/** Items worked on in one bucket at once: some 10 ms. */
const MAX_ITEMS = 4_096;
/** Bits one split may add (1,024 children): a first import of a city is one split. */
const MAX_SPLIT_BITS = 10;
/** Buckets read or written at once: hides round trips and leaves the store turns for others. */
const BUCKETS_AT_ONCE = 6;
/** Lost guards on one bucket before giving up: two instances importing the same register meet a few times at most. */
const MAX_LOST_GUARDS = 60;
/** Milliseconds waited after the n-th lost guard, times n, at most 50. */
const LOST_GUARD_PAUSE_MS = 5;
/** Nodes remembered as split; a forgotten one is read again. */
const MAX_REMEMBERED = 100_000;

/**
 * Finds entries by keyed hash in buckets that split as they fill, in documents "<scope>:<bits of the hash>". Writes are guarded. A split takes a version of
 * the parent for itself, writes the children with that version, then marks the parent by a guarded write: a crash in between leaves children nobody reads, which
 * the next split replaces as they come from an older version; a split that lost the race finds newer children and gives up. A mark is never undone, so
 * remembering it is safe on every instance.
 */
export class HashBuckets {
  private readonly splits = new Map<string, number>();

  constructor(
    private readonly documents: Documents<BucketDocument>,
    private readonly codec: BodyCodec,
    /** For whom it sorts long lists of items. */
    private readonly lane: Lane,
  ) {}

  /** Hands over the body of every bucket that holds (or would hold) one of the items. */
  async read<I extends Hashed>(scope: string, items: readonly I[], visit: (body: Buffer, items: readonly I[]) => void): Promise<void> {
    await this.descend(scope, '', items, async (document, _bits, own) => {
      visit(document?.body ?? EMPTY, own);
      return true;
    });
  }

  /**
   * Hands over each bucket with its items; `change` answers the bucket's new body, or null to leave it. It may be called again with a fresh body when another
   * process wrote first, and must then answer anew.
   */
  async change<I extends Hashed>(
    scope: string,
    items: readonly I[],
    change: (body: Buffer, items: readonly I[]) => Buffer | null,
  ): Promise<void> {
    await this.descend(scope, '', items, async (document, bits, own) => {
      const changed = change(document?.body ?? EMPTY, own);
      return changed === null || this.write(scope, bits, document, changed);
    });
  }

  /** Every body of a scope: for scopes that stay small enough to hold. */
  async all(scope: string): Promise<readonly Buffer[]> {
    const found: Buffer[] = [];
    let level = [''];
    while (level.length > 0) {
      const below: string[] = [];
      await sideBySide(level, BUCKETS_AT_ONCE, async (bits) => {
        const document = await this.documents.get(nodeId(scope, bits));
        if (!document) return;
        if (document.split > 0) below.push(...suffixes(document.split).map((suffix) => bits + suffix));
        else found.push(document.body);
      });
      level = below;
    }
    return found;
  }

  /** Works on the buckets of these items from the node down; `work` answers false when its bucket must be read anew. */
  private async descend<I extends Hashed>(
    scope: string,
    bits: string,
    items: readonly I[],
    work: (document: BucketDocument | null, bits: string, items: readonly I[]) => Promise<boolean>,
  ): Promise<void> {
    const buckets: { bits: string; items: readonly I[] }[] = [];
    await this.sort(scope, bits, items, buckets, new Slices(this.lane, tenantOf(scope)));
    await sideBySide(buckets, BUCKETS_AT_ONCE, async (bucket) => {
      for (let lost = 0; lost < MAX_LOST_GUARDS; lost += 1) {
        if (lost > 0) await pause(Math.min(LOST_GUARD_PAUSE_MS * lost, 50) * Math.random());
        const document = await this.documents.get(nodeId(scope, bucket.bits));
        if (document && document.split > 0) {
          this.remember(document._id, document.split);
          return this.descend(scope, bucket.bits, bucket.items, work);
        }
        if (bucket.items.length > MAX_ITEMS) {
          // What comes first splits the bucket, and the rest spreads: no turn of the event loop sorts a whole city.
          await this.descend(scope, bucket.bits, bucket.items.slice(0, MAX_ITEMS), work);
          return this.descend(scope, bucket.bits, bucket.items.slice(MAX_ITEMS), work);
        }
        if (!document && bucket.bits !== '') throw new TocsinError('INTERNAL', 'BUCKET_MISSING', 'A bucket of the register is missing.');
        if (await work(document, bucket.bits, bucket.items)) return;
      }
      throw new TocsinError('ABORTED', 'TOO_MANY_WRITERS', 'Others changed the same part of the register at the same time; try again.');
    });
  }

  /** Sorts items into the deepest nodes known. */
  private async sort<I extends Hashed>(
    scope: string,
    bits: string,
    items: readonly I[],
    into: { bits: string; items: readonly I[] }[],
    slices: Slices,
  ): Promise<void> {
    const split = this.splits.get(nodeId(scope, bits));
    if (split === undefined) {
      if (items.length > 0) into.push({ bits, items });
      return;
    }
    const parts = new Map<string, I[]>();
    for (const item of items) {
      await slices.breathe();
      const suffix = bitsOf(item.key, bits.length, split);
      const part = parts.get(suffix);
      if (part) part.push(item);
      else parts.set(suffix, [item]);
    }
    for (const [suffix, part] of parts) await this.sort(scope, bits + suffix, part, into, slices);
  }

  private async write(scope: string, bits: string, document: BucketDocument | null, body: Buffer): Promise<boolean> {
    const id = nodeId(scope, bits);
    if (this.codec.count(body) > MAX_ENTRIES) return this.splitUp(scope, bits, document, body);
    if (!document) return this.documents.insert({ _id: id, v: 1, split: 0, from: 0, body });
    return this.documents.replace({ ...document, body });
  }

  /** Writes the entries into children and marks the node; false when somebody else changed the node meanwhile. */
  private async splitUp(scope: string, bits: string, document: BucketDocument | null, body: Buffer): Promise<boolean> {
    const id = nodeId(scope, bits);
    const parent = document ?? { _id: id, v: 0, split: 0, from: 0, body: EMPTY };
    const from = parent.v + 1;
    // Taking the next version first makes it this split's own: no other process ever writes children of that version.
    const taken = document ? await this.documents.replace(parent) : await this.documents.insert({ ...parent, v: 1 });
    if (!taken) return false;
    const split = Math.min(MAX_SPLIT_BITS, Math.max(1, Math.ceil(Math.log2(this.codec.count(body) / CHILD_ENTRIES))));
    const parts = this.codec.split(body, bits.length, split);
    let lost = false;
    await sideBySide(suffixes(split), BUCKETS_AT_ONCE, async (suffix) => {
      if (!lost && !(await this.writeChild(nodeId(scope, bits + suffix), from, parts.get(suffix) ?? EMPTY))) lost = true;
    });
    if (lost || !(await this.documents.replace({ ...parent, v: from, split, body: EMPTY }))) return false;
    this.remember(id, split);
    return true;
  }

  private async writeChild(id: string, from: number, body: Buffer): Promise<boolean> {
    if (await this.documents.insert({ _id: id, v: 1, split: 0, from, body })) return true;
    const standing = await this.documents.get(id);
    return standing !== null && standing.from < from && this.documents.replace({ ...standing, split: 0, from, body });
  }

  private remember(id: string, split: number): void {
    if (this.splits.size >= MAX_REMEMBERED) this.splits.clear();
    this.splits.set(id, split);
  }
}

function nodeId(scope: string, bits: string): string {
  return `${scope}:${bits}`;
}

/** `count` bits of a hash (Latin-1 text) from bit `from` on, as text of 0 and 1. */
export function bitsOf(key: string, from: number, count: number): string {
  let text = '';
  for (let at = from; at < from + count; at += 1) text += (key.charCodeAt(at >> 3) >> (7 - (at & 7))) & 1;
  return text;
}

function suffixes(count: number): string[] {
  return Array.from({ length: 2 ** count }, (_, index) => index.toString(2).padStart(count, '0'));
}
