import { quotaRules } from '@tocsin/contracts';
import { Allowances, type Allowance, type AllowancesSnapshot } from '@tocsin/fairness';
import { Lane } from '@tocsin/contracts/common/v1/common';
import type { TenantQuotas } from '@tocsin/contracts/routing/v1/backlogs';
import type { CampaignQueue } from './campaign-queue.js';
import { pacedInFlight, paceRule } from './pace-rule.js';
import { newEntry, urgencyRule, type TenantEntry, type Terms } from './tenant-limits.js';

const LIFE_SAFETY = Lane.LIFE_SAFETY - 1;
const STANDARD = Lane.STANDARD - 1;
/** A campaign beyond its budget is looked at again no sooner than after this, ms: what opens within this very millisecond would be looked at for ever. */
const LEAST_WAIT_MS = 1;
/** Tenants remembered that have no campaign now, so that a change of their terms is known when the next one comes. */
const MAX_IDLE_TENANTS = 20_000;

/** Tenants whose quotas are told at most, 50 bytes each. */
const MAX_TOLD = 5_000;

/** [tenant, version, weight, life-safety units, units a day, units a minute, largest alert] */
export type PackedTenant = readonly [string, number, number, number, number, number, number];

export interface LimitsSnapshot {
  readonly accounts: AllowancesSnapshot;
  readonly tenants: readonly PackedTenant[];
}

/**
 * What a channel allows beside fairness: a tenant's life-safety budget, its quotas, a campaign's pace. Each is an account that says whether a
 * campaign's next item may go, in which lane, and when to ask again; order and shares stay those of the fair lanes. Pure: Unix ms come in.
 */
export class ChannelLimits {
  private readonly tenants = new Map<string, TenantEntry>();

  constructor(private readonly accounts = new Allowances()) {}

  /** A campaign's frame is known: the newest terms heard of count. */
  join({ frame, campaignId, tenantId }: CampaignQueue): void {
    if (!frame) return;
    const told = frame.terms ?? { version: 0, lifeSafetyUnits: 0, unitsPerDay: 0, unitsPerMinute: 0 };
    const entry = this.hear(tenantId, { ...told, weight: Math.max(1, frame.weight) });
    entry.campaigns.add(campaignId);
    if (frame.lane === Lane.LIFE_SAFETY) entry.largestAlert = Math.max(entry.largestAlert, frame.estimatedRecipients ?? 0);
  }

  leave({ campaignId, tenantId }: CampaignQueue): void {
    this.accounts.forget(paceKey(campaignId));
    this.tenants.get(tenantId)?.campaigns.delete(campaignId);
  }

  /** A tenant's terms at a version: older ones than those known change nothing. Answers its campaigns here when they changed. */
  change(tenantId: string, terms: Terms): readonly string[] {
    const before = this.tenants.get(tenantId)?.version;
    const { campaigns } = this.hear(tenantId, terms);
    return before !== undefined && terms.version > before ? [...campaigns] : [];
  }

  campaignsOf(tenantId: string): readonly string[] {
    return [...(this.tenants.get(tenantId)?.campaigns ?? [])];
  }

  weightOf(tenantId: string): number {
    return this.tenants.get(tenantId)?.weight ?? 1;
  }

  /** The lane its next item goes in: beyond its tenant's budget a life-safety campaign goes on in standard. 0 = most severe. */
  laneOf(queue: CampaignQueue, now: number): number {
    const lane = (queue.frame?.lane ?? Lane.BULK) - 1;
    const entry = lane === LIFE_SAFETY ? this.tenants.get(queue.tenantId) : undefined;
    return !entry || this.accounts.within(urgencyKey(queue.tenantId), urgencyRule(entry), now) ? lane : STANDARD;
  }

  /** Unix ms when a campaign that goes in standard beyond its budget may be urgent again; Infinity = it is in its own lane. */
  urgentAgainAt(queue: CampaignQueue, now: number): number {
    if (queue.frame?.lane !== Lane.LIFE_SAFETY || queue.lane === LIFE_SAFETY) return Infinity;
    const entry = this.tenants.get(queue.tenantId);
    if (!entry) return Infinity;
    return now + Math.max(LEAST_WAIT_MS, this.accounts.waitMs(urgencyKey(queue.tenantId), urgencyRule(entry), now));
  }

  /** Unix ms before which its pace lets nothing more of the campaign go; -Infinity = it may go. */
  pacedUntil(queue: CampaignQueue, now: number): number {
    const rule = paceRule(queue, now);
    return rule ? this.opensAt(paceKey(queue.campaignId), rule, now) : -Infinity;
  }

  /** Whether so many unanswered items are all that its pace lets lie in the channel: the next answer lets it go on. */
  inFlightReached(queue: CampaignQueue, unanswered: () => number, now: number): boolean {
    const rule = paceRule(queue, now);
    return rule !== undefined && unanswered() >= pacedInFlight(rule);
  }

  /** Unix ms before which its tenant's quotas let nothing more of the campaign go; -Infinity = it may go. Life-safety never waits for them. */
  quotaUntil(queue: CampaignQueue, now: number): number {
    if (queue.frame?.lane === Lane.LIFE_SAFETY) return -Infinity;
    let until = -Infinity;
    for (const [key, rule] of this.quotas(queue.tenantId)) until = Math.max(until, this.opensAt(key, rule, now));
    return until;
  }

  /** An item went, or was found to have gone when its grant is read back. true: other campaigns of the tenant may stand differently now. */
  granted(queue: CampaignQueue, lane: number, cost: number, now: number): boolean {
    const { campaignId, tenantId, frame } = queue;
    const pace = paceRule(queue, now);
    if (pace) this.accounts.charge(paceKey(campaignId), pace, 1, now);
    const quotas = this.quotas(tenantId);
    if (frame?.lane !== Lane.LIFE_SAFETY) {
      for (const [key, rule] of quotas) this.accounts.charge(key, rule, cost, now);
      return quotas.some(([key, rule]) => !this.accounts.within(key, rule, now));
    }
    for (const [key, rule] of quotas) this.accounts.drain(key, rule, cost, now);
    const entry = this.tenants.get(tenantId);
    if (!entry || lane !== LIFE_SAFETY) return false;
    this.accounts.charge(urgencyKey(tenantId), urgencyRule(entry), cost, now);
    return !this.accounts.within(urgencyKey(tenantId), urgencyRule(entry), now);
  }

  /**
   * Its true cost differs by so many units; `unsent`: it did not go at all and will be granted anew. Answers as granted. Quotas get nothing back from
   * life-safety: nobody knows whether it was charged at all, and an alert must not clear them for news.
   */
  corrected(queue: CampaignQueue, lane: number, units: number, unsent: boolean, now: number): boolean {
    const { campaignId, tenantId, frame } = queue;
    const pace = unsent ? paceRule(queue, now) : undefined;
    if (pace) this.accounts.charge(paceKey(campaignId), pace, -1, now);
    if (units === 0) return false;
    // Right after a takeover it may not be known what it is.
    const isAlert = !frame || frame.lane === Lane.LIFE_SAFETY;
    const quotas = this.quotas(tenantId);
    const entry = lane === LIFE_SAFETY ? this.tenants.get(tenantId) : undefined;
    const charged = [...(isAlert ? [] : quotas), ...(entry ? [[urgencyKey(tenantId), urgencyRule(entry)] as const] : [])];
    const shut = (): boolean => charged.some(([key, rule]) => !this.accounts.within(key, rule, now));
    const before = shut();
    for (const [key, rule] of charged) this.accounts.charge(key, rule, units, now);
    if (isAlert && units > 0) for (const [key, rule] of quotas) this.accounts.drain(key, rule, units, now);
    return before !== shut();
  }

  /** What quotas leave each tenant that has one and has campaigns here or has used some of it. */
  quotasLeft(now: number): TenantQuotas[] {
    const told: TenantQuotas[] = [];
    for (const [tenantId, { campaigns }] of this.tenants) {
      const rules = this.quotas(tenantId);
      const quotas = rules.map(([key, rule]) => ({ units: this.accounts.left(key, rule, now), perSecond: rule.perSecond }));
      const used = rules.some(([, { capacity }], at) => (quotas[at]?.units ?? 0) < capacity);
      if (rules.length === 0 || (campaigns.size === 0 && !used)) continue;
      if (told.push({ tenantId, quotas }) >= MAX_TOLD) break;
    }
    return told;
  }

  /** Grows with the tenants that have campaigns or have used some of their budget, not with all tenants. */
  snapshot(): LimitsSnapshot {
    const accounts = this.accounts.snapshot();
    const used = new Set(accounts.map(([key]) => key));
    const tenants = [...this.tenants]
      .filter(([tenantId, { campaigns }]) => campaigns.size > 0 || used.has(urgencyKey(tenantId)))
      .map(
        ([tenantId, { version, weight, lifeSafetyUnits, unitsPerDay, unitsPerMinute, largestAlert }]) =>
          [tenantId, version, weight, lifeSafetyUnits, unitsPerDay, unitsPerMinute, largestAlert] as const,
      );
    return { accounts, tenants };
  }

  static restore({ accounts, tenants }: LimitsSnapshot): ChannelLimits {
    const restored = new ChannelLimits(Allowances.restore(accounts));
    for (const [tenantId, version, weight, lifeSafetyUnits, unitsPerDay, unitsPerMinute, largestAlert] of tenants) {
      const entry = newEntry({ version, weight, lifeSafetyUnits, unitsPerDay, unitsPerMinute });
      entry.largestAlert = largestAlert;
      restored.tenants.set(tenantId, entry);
    }
    return restored;
  }

  private hear(tenantId: string, terms: Terms): TenantEntry {
    let entry = this.tenants.get(tenantId);
    if (!entry) {
      this.tenants.set(tenantId, (entry = newEntry(terms)));
      if (this.tenants.size > MAX_IDLE_TENANTS) this.forgetOne();
    } else if (terms.version > entry.version) Object.assign(entry, terms);
    return entry;
  }

  private quotas(tenantId: string): readonly (readonly [string, Allowance])[] {
    const entry = this.tenants.get(tenantId);
    if (!entry || (entry.unitsPerDay === 0 && entry.unitsPerMinute === 0)) return NONE;
    const { day, minute } = quotaRules(entry);
    return [...(day ? [[`d:${tenantId}`, day] as const] : []), ...(minute ? [[`m:${tenantId}`, minute] as const] : [])];
  }

  private opensAt(key: string, rule: Allowance, now: number): number {
    return this.accounts.within(key, rule, now) ? -Infinity : now + this.accounts.waitMs(key, rule, now);
  }

  /** The one heard of longest ago among those looked at: whoever has campaigns stays. */
  private forgetOne(): void {
    for (const [tenantId, { campaigns }] of this.tenants) {
      if (campaigns.size > 0) continue;
      this.tenants.delete(tenantId);
      return;
    }
  }
}

const NONE: readonly (readonly [string, Allowance])[] = [];

function urgencyKey(tenantId: string): string {
  return `u:${tenantId}`;
}

function paceKey(campaignId: string): string {
  return `c:${campaignId}`;
}
