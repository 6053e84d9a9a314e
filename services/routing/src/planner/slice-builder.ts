import type { ReasonCount, SealKey } from '@tocsin/contracts/common/v1/common';
import { Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import type { PlannedRecipient } from '@tocsin/contracts/deliveries/v1/planned';
import type { SliceItem } from '@tocsin/contracts/routing/v1/plans';
import type { AudienceContact, WalkAudienceResponse } from '@tocsin/contracts/subscribers/v1/audience';
import { SLICE_SIZE } from '@tocsin/contracts';
import type { ItemCost } from './template-cost.js';

/** A channel of a plan with what an item on it costs. */
export interface PlannedChannel {
  readonly channel: string;
  readonly cost: ItemCost;
}

/** One slice as cut from whole register pages. */
export interface CutSlice {
  /** Position of its last page: the next slice starts after it. */
  readonly position: string;
  readonly recipients: readonly PlannedRecipient[];
  readonly channels: readonly {
    readonly channel: string;
    readonly items: readonly SliceItem[];
    /** Indices the channel's cursor leaves out: their first channel is another one (order mode). */
    readonly later: readonly number[];
  }[];
  readonly sealKey: SealKey | undefined;
  /** Recipients of the plan up to and with this slice. */
  readonly total: number;
  /** Not reachable on pages up to and with this slice, by reason. */
  readonly notReachable: readonly ReasonCount[];
}

/** Where a plan stands after its last stored slice. */
export interface PlanTotals {
  readonly position: string;
  readonly total: number;
  readonly notReachable: readonly ReasonCount[];
}

/**
 * Collects register pages into slices of at most 250 recipients. A slice ends with a page, so that its end is a position in the register and
 * the next one can be made by anybody from it; the first slice of a plan is cut at its first recipient, so that hand-over does not wait.
 */
export class SliceBuilder {
  private contacts: AudienceContact[] = [];
  private position: string;
  private total: number;
  private readonly notReachable: Map<string, number>;
  private sealKey: SealKey | undefined;

  constructor(
    private readonly channels: readonly PlannedChannel[],
    private readonly mode: Mode,
    from: PlanTotals,
    private first: boolean,
  ) {
    this.position = from.position;
    this.total = from.total;
    this.notReachable = new Map(from.notReachable.map((row) => [row.reason, row.count]));
  }

  /** Recipients collected and not cut yet. */
  get pending(): number {
    return this.contacts.length;
  }

  /** Adds the next page; answers the slices (at most two) that are complete with it. */
  add(page: WalkAudienceResponse): CutSlice[] {
    if (page.contacts.length > SLICE_SIZE) throw new RangeError(`a page of ${page.contacts.length} contacts does not fit a slice`);
    const cut: CutSlice[] = [];
    const contacts = page.contacts.filter((contact) => this.channels.some((planned) => addressOf(contact, planned.channel)));
    if (this.contacts.length > 0 && this.contacts.length + contacts.length > SLICE_SIZE) cut.push(this.cut());
    for (const { reason, count } of page.notReachable) this.notReachable.set(reason, (this.notReachable.get(reason) ?? 0) + count);
    const unusable = page.contacts.length - contacts.length;
    if (unusable > 0) this.notReachable.set('NO_ADDRESS', (this.notReachable.get('NO_ADDRESS') ?? 0) + unusable);
    this.contacts.push(...contacts);
    this.position = page.position;
    this.sealKey = page.sealKey ?? this.sealKey;
    if (this.contacts.length >= SLICE_SIZE || (this.contacts.length > 0 && (this.first || page.last))) cut.push(this.cut());
    return cut;
  }

  /** What is left when the walk has ended. */
  flush(): CutSlice | undefined {
    return this.contacts.length > 0 ? this.cut() : undefined;
  }

  totals(): PlanTotals {
    return { position: this.position, total: this.total, notReachable: this.reasons() };
  }

  private cut(): CutSlice {
    const recipients: PlannedRecipient[] = [];
    const perChannel = this.channels.map(({ channel }) => ({ channel, items: [] as SliceItem[], later: [] as number[] }));
    this.contacts.forEach((contact, index) => {
      const used: string[] = [];
      this.channels.forEach((planned, place) => {
        const address = addressOf(contact, planned.channel);
        const into = perChannel[place];
        if (!address || !into) return;
        const { box, addressHash, domainHash } = address;
        into.items.push({ index, box, addressHash, domainHash, cost: Math.max(1, planned.cost(address.lengths)), n: 1 });
        if (used.length > 0 && this.mode === Mode.ORDER) into.later.push(index);
        used.push(planned.channel);
      });
      recipients.push({ index, contactId: contact.contactId, channels: used });
    });
    this.total += recipients.length;
    this.contacts = [];
    this.first = false;
    return {
      position: this.position,
      recipients,
      channels: perChannel,
      sealKey: this.sealKey,
      total: this.total,
      notReachable: this.reasons(),
    };
  }

  private reasons(): ReasonCount[] {
    return [...this.notReachable].map(([reason, count]) => ({ reason, count })).sort((a, b) => (a.reason < b.reason ? -1 : 1));
  }
}

function addressOf(contact: AudienceContact, channel: string): AudienceContact['addresses'][number] | undefined {
  return contact.addresses.find((address) => address.channel === channel);
}
