import { TOPICS, record, type OutgoingRecord } from '@tocsin/contracts';
import type { Suppression } from '@tocsin/contracts/subscribers/v1/registers_service';
import { keyOf } from '../register/claims.js';
import type { HashBuckets } from '../register/hash-buckets.js';
import { ALL_PURPOSES, ALL_TENANTS, decide, type Wish } from './decide.js';
import { readSuppressions, writeSuppressions } from './suppression-codec.js';

/** The STOPs that hold for one tenant's walk. */
export interface Stops {
  has(channel: string, hash: Buffer, purpose: string): boolean;
}

/** Purposes stopped, by channel and hash. */
type Index = ReadonlyMap<string, readonly string[]>;

/**
 * Milliseconds for which a tenant's STOPs are believed while audiences are walked. Younger ones are caught by the channel before the wire, which reads the
 * compacted topic.
 */
const BELIEVED_MS = 2_000;
/** Tenants held at once. */
const MAX_TENANTS = 500;

/**
 * Decisions not to send, by keyed hash: the truth of STOP. They stand apart from contacts and their claims, so that a STOP holds whether or not its contact exists,
 * is erased or is imported again, and no import can clear it.
 */
export class Suppressions {
  private readonly held = new Map<string, { readonly index: Promise<Index>; readonly until: number }>();

  constructor(
    private readonly buckets: HashBuckets,
    private readonly publish: (records: readonly OutgoingRecord[]) => Promise<void>,
    private readonly monotonic: () => number,
  ) {}

  /** The STOPs of a tenant and those that hold for all tenants. */
  async of(tenantId: string): Promise<Stops> {
    const [own, everyone] = await Promise.all([this.index(tenantId), this.index(ALL_TENANTS)]);
    return {
      has(channel, hash, purpose) {
        if (own.size === 0 && everyone.size === 0) return false;
        const key = entryKey(channel, hash);
        return [own.get(key), everyone.get(key)].some((purposes) => purposes?.includes(purpose) || purposes?.includes(ALL_PURPOSES));
      },
    };
  }

  /** Writes what the wishes decide (one write a bucket), then tells the channels; repeating it is harmless and tells them again. */
  async apply(wishes: readonly Wish[]): Promise<void> {
    const byTenant = new Map<string, Wish[]>();
    for (const wish of wishes) {
      const own = byTenant.get(wish.tenantId);
      if (own) own.push(wish);
      else byTenant.set(wish.tenantId, [wish]);
    }
    const decided: Suppression[] = [];
    for (const [tenantId, own] of byTenant) decided.push(...(await this.write(tenantId, own)));
    await this.publish(decided.map(toRecord));
  }

  /** Whether any decision stands for an address on a channel. */
  async standing(
    tenantId: string,
    addresses: readonly { readonly channel: string; readonly hash: Buffer }[],
  ): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const wanted = new Set(addresses.map(({ channel, hash }) => entryKey(channel, hash)));
    const items = addresses.map(({ hash }) => ({ key: keyOf(hash) }));
    await this.buckets.read(tenantId, items, (body) => {
      for (const suppression of readSuppressions(body)) {
        const key = entryKey(suppression.channel, suppression.addressHash);
        if (wanted.has(key)) found.add(key);
      }
    });
    return found;
  }

  /** Every channel on which an address is stopped for some purpose, for showing. */
  async channelsStopped(tenantId: string, hash: Buffer): Promise<readonly string[]> {
    const channels: string[] = [];
    for (const scope of [tenantId, ALL_TENANTS]) {
      await this.buckets.read(scope, [{ key: keyOf(hash) }], (body) => {
        for (const suppression of readSuppressions(body)) {
          if (suppression.addressHash.equals(hash) && suppression.purposes.length > 0) channels.push(suppression.channel);
        }
      });
    }
    return channels;
  }

  private async write(tenantId: string, wishes: readonly Wish[]): Promise<readonly Suppression[]> {
    const decided = new Map<string, Suppression>();
    const items = wishes.map((wish) => ({ key: keyOf(wish.addressHash), wish }));
    await this.buckets.change(tenantId, items, (body, own) => {
      const standing = new Map(readSuppressions(body).map((entry) => [entryKey(entry.channel, entry.addressHash), entry]));
      let changed = false;
      for (const { wish } of own) {
        const key = entryKey(wish.channel, wish.addressHash);
        const before = standing.get(key);
        const after = decide(before, wish);
        if (after !== before && !sameDecision(before, after)) {
          standing.set(key, after);
          changed = true;
        }
        decided.set(key, standing.get(key) ?? after);
      }
      return changed ? writeSuppressions([...standing.values()]) : null;
    });
    this.held.delete(tenantId);
    return [...decided.values()];
  }

  private index(tenantId: string): Promise<Index> {
    const now = this.monotonic();
    const held = this.held.get(tenantId);
    if (held && held.until > now) return held.index;
    if (this.held.size >= MAX_TENANTS) this.held.clear();
    const index = this.buckets
      .all(tenantId)
      .then(
        (bodies) => new Map(bodies.flatMap(readSuppressions).map((entry) => [entryKey(entry.channel, entry.addressHash), entry.purposes])),
      );
    this.held.set(tenantId, { index, until: now + BELIEVED_MS });
    index.catch(() => this.held.delete(tenantId));
    return index;
  }
}

export function entryKey(channel: string, hash: Buffer): string {
  return `${channel}:${keyOf(hash)}`;
}

function sameDecision(one: Suppression | undefined, other: Suppression): boolean {
  return one !== undefined && one.decidedAt === other.decidedAt && one.purposes.join() === other.purposes.join();
}

function toRecord(suppression: Suppression): OutgoingRecord {
  const { tenantId, channel, addressHash, decidedAt } = suppression;
  const key = `${tenantId}:${channel}:${addressHash.toString('hex')}`;
  return record(TOPICS.suppressions.name, key, 'tocsin.subscribers.v1.Suppression', suppression, { tenantId, occurredAt: decidedAt });
}
