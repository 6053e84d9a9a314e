/** What a receipt or a reply is matched to. */
export interface AcceptedAttempt {
  readonly campaignId: string;
  readonly tenantId: string;
  /** W3C traceparent of the campaign's release, '' or undefined = not known. */
  readonly traceparent?: string | undefined;
  readonly slice: number;
  readonly index: number;
  readonly n: number;
}

/** What add() needs beside: where receipts and replies find it. */
export interface AcceptedFacts extends AcceptedAttempt {
  /** "<provider>:<id>", one a part; the receipt of the last part speaks for the message. */
  readonly receiptKeys: readonly string[];
  readonly addressHash: Buffer;
}

export interface ReceiptMatch extends AcceptedAttempt {
  /** False: a part before the last, whose delivery says nothing yet. */
  readonly lastPart: boolean;
}

export interface CampaignName {
  readonly campaignId: string;
  readonly tenantId: string;
  readonly traceparent?: string | undefined;
}

/** Campaigns whose names are shared; beyond, a name may stand twice in memory, nothing worse. */
const MAX_NAMED = 10_000;
/** Attempts remembered: 600 s of receipt waiting at 500/s, and about 60 MB when full. */
export const MAX_ACCEPTED = 300_000;

/**
 * Accepted attempts of the channel, oldest evicted first: provider id -> delivery for receipts, address hash -> latest delivery for replies. Numbers
 * stand in typed arrays and campaigns once in a table, so an entry costs its two map keys.
 */
export class AcceptedAttempts {
  readonly #byReceipt = new Map<string, number>();
  readonly #byHash = new Map<string, number>();
  /** One object a campaign, shared by its entries. */
  readonly #campaigns = new Map<string, CampaignName>();
  readonly #receiptKeys: (readonly string[])[] = [];
  readonly #hashes: string[] = [];
  readonly #campaign: CampaignName[] = [];
  readonly #slice: Uint32Array;
  readonly #place: Uint16Array;
  #next = 0;
  #evicted = 0;

  constructor(private readonly limit = MAX_ACCEPTED) {
    this.#slice = new Uint32Array(limit);
    this.#place = new Uint16Array(limit);
  }

  get size(): number {
    return Math.min(this.#next, this.limit);
  }

  /** Entries pushed out by newer ones since the start; their receipts will not match. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Adding the same attempt again (own one, then read back from the topic) changes nothing. */
  add(facts: AcceptedFacts): void {
    const first = facts.receiptKeys[0];
    if (first === undefined || this.#holds(first, facts)) return;
    const slot = this.#next % this.limit;
    if (this.#next >= this.limit) this.#evict(slot);
    this.#next += 1;
    this.#receiptKeys[slot] = facts.receiptKeys;
    const hash = facts.addressHash.toString('latin1');
    this.#hashes[slot] = hash;
    this.#campaign[slot] = this.#nameOf(facts);
    this.#slice[slot] = facts.slice;
    this.#place[slot] = placeOf(facts);
    for (const key of facts.receiptKeys) this.#byReceipt.set(key, slot);
    if (hash) this.#byHash.set(hash, slot);
  }

  /** Whether the id is known for this very attempt; a provider that counts anew after a restart uses the same ids for others. */
  #holds(receiptKey: string, facts: AcceptedAttempt): boolean {
    const slot = this.#byReceipt.get(receiptKey);
    if (slot === undefined) return false;
    return (
      this.#slice[slot] === facts.slice && this.#place[slot] === placeOf(facts) && this.#campaign[slot]?.campaignId === facts.campaignId
    );
  }

  match(receiptKey: string): ReceiptMatch | undefined {
    const slot = this.#byReceipt.get(receiptKey);
    if (slot === undefined) return undefined;
    return this.#read(slot, this.#receiptKeys[slot]?.at(-1) === receiptKey);
  }

  latestOf(addressHash: Buffer): AcceptedAttempt | undefined {
    const slot = this.#byHash.get(addressHash.toString('latin1'));
    return slot === undefined ? undefined : this.#read(slot, true);
  }

  #read(slot: number, lastPart: boolean): ReceiptMatch | undefined {
    const campaign = this.#campaign[slot];
    const place = this.#place[slot];
    const slice = this.#slice[slot];
    if (!campaign || place === undefined || slice === undefined) return undefined;
    return { ...campaign, slice, index: place >> 8, n: place & 0xff, lastPart };
  }

  #evict(slot: number): void {
    for (const key of this.#receiptKeys[slot] ?? []) if (this.#byReceipt.get(key) === slot) this.#byReceipt.delete(key);
    const hash = this.#hashes[slot];
    if (hash !== undefined && this.#byHash.get(hash) === slot) this.#byHash.delete(hash);
    this.#evicted += 1;
  }

  #nameOf({ campaignId, tenantId, traceparent = '' }: CampaignName): CampaignName {
    const known = this.#campaigns.get(campaignId);
    if (known) return known;
    if (this.#campaigns.size >= MAX_NAMED) this.#campaigns.clear();
    const name = { campaignId, tenantId, traceparent };
    this.#campaigns.set(campaignId, name);
    return name;
  }
}

function placeOf({ index, n }: AcceptedAttempt): number {
  return (index << 8) | Math.min(n, 255);
}
