import { sliceKey } from '@tocsin/contracts';
import type { Clock } from '@tocsin/service-kit';
import { closeColumn, closingOf } from '../core/closing.js';
import { countSlice } from '../core/counts.js';
import { foldFact, type SliceFact } from '../core/fold.js';
import type { FactListener } from '../core/four-facts.js';
import { addClosing, closePlan, ensurePartSlice, newPart, partKey } from '../core/part.js';
import { fromPartDocument } from '../core/part-document.js';
import type { RulesOf } from '../core/rules.js';
import { newSlice } from '../core/slice.js';
import { fromSliceDocument } from '../core/slice-document.js';
import { earliestTimer } from '../core/timers.js';
import type { LedgerFact } from './fact-of.js';
import type { LedgerStore, PartMarker } from './ledger-store.js';
import { hold, isClean, type ResidentPart, type ResidentSlice, touchPart, touchSlice } from './resident.js';

/** Slices a close loads at a time. */
const CLOSE_CHUNK = 50;

/** A record that contradicts what is known; it goes to the dead letters. */
export class ContradictionError extends Error {}

export interface LedgerPartitionDeps {
  readonly store: LedgerStore;
  readonly rulesOf: RulesOf;
  /** Hears of deliveries of which one of the four facts became true; folded again after a crash, they are told again. */
  readonly tell: FactListener;
  readonly clock: Clock;
}

/** One ledger partition: its slices and parts in memory, and how far its sources are folded. */
export class LedgerPartition {
  readonly slices = new Map<string, ResidentSlice>();
  readonly parts = new Map<string, ResidentPart>();
  /** Per source topic, the offset after the last record folded. */
  readonly taken = new Map<string, number>();
  readonly committed = new Map<string, number>();
  private readonly loadingSlices = new Map<string, Promise<ResidentSlice>>();
  private readonly loadingParts = new Map<string, Promise<ResidentPart>>();

  constructor(
    readonly partition: number,
    private readonly deps: LedgerPartitionDeps,
  ) {}

  /** Reads the parts that earlier owners left open, so that their timers run here. */
  async takeOver(markers: readonly PartMarker[]): Promise<void> {
    const own = markers.filter((marker) => marker.partition === this.partition);
    await Promise.all(own.map(async (marker) => ((await this.part(marker.campaignId, '')).marked = true)));
  }

  /** Folds one record and notes it as taken. Throws ContradictionError. */
  async fold(topic: string, offset: number, fact: LedgerFact): Promise<void> {
    switch (fact.about) {
      case 'slice': {
        const resident = await this.pinned(fact.campaignId, fact.slice, fact.tenantId, fact.fact.at);
        try {
          // A fact that comes after the recipients were removed (a dead letter sent again) names nobody any more.
          if (!resident.part.part.trimmed) this.foldSlice(resident, fact.tenantId, fact.fact);
        } finally {
          resident.pins -= 1;
        }
        return;
      }
      case 'plan-closed': {
        const part = await this.part(fact.record.campaignId, fact.record.tenantId);
        if (part.part.trimmed || this.isElsewhere(part, fact.record.slices)) return;
        closePlan(part.part, fact.record);
        this.holdPart(part, topic, offset);
        return;
      }
      case 'campaign-closed':
        return this.close(topic, offset, fact);
    }
  }

  /** Loads a slice and keeps it until `pins` is lowered again. */
  async pinned(campaignId: string, number: number, tenantId: string, at: number): Promise<ResidentSlice> {
    const key = sliceKey(campaignId, number);
    for (;;) {
      const resident = this.slices.get(key) ?? (await this.loadSlice(key, campaignId, number, tenantId, at));
      if (this.slices.get(key) !== resident) continue;
      resident.pins += 1;
      // Most recently used last: eviction takes from the front.
      this.slices.delete(key);
      this.slices.set(key, resident);
      return resident;
    }
  }

  /** Takes the clean slices of a campaign out of memory. False: some are in use or differ from the store. */
  release(campaignId: string): boolean {
    const own = [...this.slices].filter(([, { slice }]) => slice.campaignId === campaignId);
    if (own.some(([, resident]) => !isClean(resident) || resident.pins > 0 || resident.firing)) return false;
    for (const [key] of own) this.slices.delete(key);
    return true;
  }

  async part(campaignId: string, tenantId: string): Promise<ResidentPart> {
    const key = partKey(campaignId, this.partition);
    const known = this.parts.get(key);
    // A marker without its part (killed between the two writes) left the tenant unknown.
    if (known?.part.tenantId === '') known.part.tenantId = tenantId;
    if (known) return known;
    return single(this.loadingParts, key, async () => {
      const document = await this.deps.store.parts.get(key);
      const part = document ? fromPartDocument(document) : newPart(campaignId, this.partition, tenantId);
      const resident: ResidentPart = {
        part,
        key,
        v: document?.v ?? 0,
        dirtySince: 0,
        writtenAt: -Infinity,
        holds: new Map(),
        holdsInFlight: new Map(),
        touched: new Set(),
        marked: false,
        listed: false,
      };
      this.parts.set(key, resident);
      return resident;
    });
  }

  /** What the store must know before a topic's offset may be committed; the offset after the last record where nothing is owed. */
  committable(): Map<string, number> {
    const lowest = new Map(this.taken);
    const owe = (topic: string, offset: number): void => {
      const known = lowest.get(topic);
      if (known !== undefined && offset < known) lowest.set(topic, offset);
    };
    for (const resident of this.slices.values()) {
      for (const fact of resident.inFlight) owe(fact.topic, fact.offset);
      for (const fact of resident.pending) owe(fact.topic, fact.offset);
    }
    for (const part of this.parts.values()) {
      for (const [topic, offset] of part.holds) owe(topic, offset);
      for (const [topic, offset] of part.holdsInFlight) owe(topic, offset);
    }
    return lowest;
  }

  /** Puts a slice as stored in place of one that lost its guard, and folds again what was not stored. */
  async reload(resident: ResidentSlice): Promise<void> {
    const document = await this.deps.store.slices.get(resident.key);
    const { campaignId, number, tenantId, base } = resident.slice;
    const facts = [...resident.inFlight, ...resident.pending];
    resident.slice = document ? fromSliceDocument(document) : newSlice(campaignId, number, tenantId, base);
    resident.v = document?.v ?? 0;
    resident.inFlight = [];
    for (const closing of resident.part.part.closings) closeColumn(resident.slice, closing);
    for (const fact of facts) foldFact(resident.slice, fact, resident.part.part.closings, this.deps.rulesOf);
    // Kept even where the stored slice holds them: their tally has to be emitted by somebody before they are committed.
    resident.pending = facts;
    touchSlice(resident, this.deps.clock.monotonic());
  }

  private foldSlice(resident: ResidentSlice, tenantId: string, fact: SliceFact): void {
    const { slice, part } = resident;
    if (slice.tenantId !== tenantId) throw new ContradictionError('The record names another tenant than its slice.');
    ensurePartSlice(part.part, slice.number);
    if (foldFact(slice, fact, part.part.closings, this.deps.rulesOf, this.deps.tell)) {
      resident.pending.push(fact);
      touchSlice(resident, this.deps.clock.monotonic());
      return;
    }
    // The slice holds it already; whether its counts ever left is unknown, so they leave again.
    if (resident.dirtySince === 0) {
      part.part.slices.set(slice.number, { counts: countSlice(slice), timer: earliestTimer(slice) });
      part.touched.add(slice.number);
    }
    this.holdPart(part, fact.topic, fact.offset);
  }

  private async close(topic: string, offset: number, fact: LedgerFact & { about: 'campaign-closed' }): Promise<void> {
    const { campaignId, tenantId } = fact.record;
    const part = await this.part(campaignId, tenantId);
    if (part.part.trimmed) return;
    const closing = closingOf(fact.record, fact.at);
    addClosing(part.part, closing);
    this.holdPart(part, topic, offset);
    const numbers = [...part.part.slices.keys()];
    for (let from = 0; from < numbers.length; from += CLOSE_CHUNK) {
      const loaded = await Promise.all(
        numbers.slice(from, from + CLOSE_CHUNK).map((number) => this.pinned(campaignId, number, tenantId, fact.at)),
      );
      for (const resident of loaded) {
        this.foldSlice(resident, resident.slice.tenantId, { topic, offset, at: fact.at, body: { kind: 'closed', closing } });
        resident.pins -= 1;
      }
    }
  }

  /** A plan whose slices all fell into other partitions: they tell how it ended, and a part of nothing would be written for every small campaign. */
  private isElsewhere(resident: ResidentPart, slices: number): boolean {
    // Slices come before the end of their plan in this partition. One without any slice is told by the first partition.
    const known = resident.v > 0 || resident.dirtySince !== 0 || resident.part.slices.size > 0;
    if (known || (slices === 0 && this.partition === 0)) return false;
    this.parts.delete(resident.key);
    return true;
  }

  private holdPart(part: ResidentPart, topic: string, offset: number): void {
    hold(part.holds, topic, offset);
    touchPart(part, this.deps.clock.monotonic());
  }

  private loadSlice(key: string, campaignId: string, number: number, tenantId: string, at: number): Promise<ResidentSlice> {
    return single(this.loadingSlices, key, async () => {
      const part = await this.part(campaignId, tenantId);
      // A slice its part has not heard of is new, so it is not looked for. Should an owner have died between storing it and storing its part, the insert is refused and `reload` folds again.
      const document = part.part.slices.has(number) ? await this.deps.store.slices.get(key) : null;
      const slice = document ? fromSliceDocument(document) : newSlice(campaignId, number, tenantId, at);
      if (!document) for (const closing of part.part.closings) closeColumn(slice, closing);
      const resident: ResidentSlice = {
        slice,
        key,
        part,
        v: document?.v ?? 0,
        dirtySince: 0,
        writtenAt: -Infinity,
        pending: [],
        inFlight: [],
        firing: false,
        pins: 0,
      };
      this.slices.set(key, resident);
      return resident;
    });
  }
}

/** Runs one load of a key at a time; the others await it. */
function single<T>(running: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const known = running.get(key);
  if (known) return known;
  const started = load().finally(() => running.delete(key));
  running.set(key, started);
  return started;
}
