import type { FaultLog } from './faults/fault-log.js';
import type { Verdict } from './oracle/judge-campaign.js';
import { pauseTargets } from './oracle/pause-targets.js';
import { pausesByKind, quantile, type SmsTaken } from './oracle/pauses.js';
import type { CampaignLog } from './world/campaign-log.js';

/** A send is under way when something was handed over so long before a fault and after its end, ms. */
const SENDING_WITHIN_MS = 30_000;

/** First hand-over of a life-safety campaign after the end of the fault it was released in, ms: issue 6. */
const LIFE_SAFETY_MS = 5_000;

export interface RunFacts {
  readonly seed: number;
  readonly minutes: number;
  readonly ground: Readonly<Record<string, string>>;
  readonly faults: readonly FaultLog[];
  readonly kinds: readonly string[];
  readonly campaigns: readonly CampaignLog[];
  /** By campaign id. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** First SMS of each campaign at the oracle, Unix ms; Infinity = none. */
  readonly firstSms: ReadonlyMap<string, number>;
  readonly sms: readonly SmsTaken[];
  readonly submissions: number;
  /** Ids at the oracle of campaigns nobody released. */
  readonly unknownCampaigns: number;
  /** Campaigns that were planned and could not be released. */
  readonly unreleased: readonly string[];
  readonly tallies: { readonly samples: number; readonly unbalanced: number; readonly examples: readonly string[] };
  readonly failedCalls: ReadonlyMap<string, number>;
}

/** What a run or a scenario says in its last line. */
export type ChaosResult = Readonly<Record<string, unknown>> & { readonly ok: boolean };

/** The last line of a run. */
export function makeResult(facts: RunFacts): ChaosResult {
  const verdicts = [...facts.verdicts.values()];
  const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const hit = new Set(facts.faults.map(({ kind }) => kind));
  const inDoubtSum = facts.faults.reduce((total, { inDoubt }) => total + inDoubt, 0);
  const releasedAt = new Map(facts.campaigns.map(({ campaignId, answeredAt }) => [campaignId, answeredAt]));
  const lifeSafety = lifeSafetyFirst(facts);
  const waits = lifeSafety.map(({ ms }) => ms);
  const pauses = pausesByKind(facts.faults, facts.sms, releasedAt);
  const wrong = {
    lost: sum(({ lost }) => lost),
    unterminated: sum(({ unterminated }) => unterminated),
    duplicates: sum(({ duplicates }) => duplicates),
    inDoubtSum,
    unmarked: sum(({ unmarked }) => unmarked),
    overtaken: sum(({ overtaken }) => overtaken),
    afterExpiry: sum(({ afterExpiry }) => afterExpiry),
    strangers: sum(({ strangers }) => strangers) + facts.unknownCampaigns,
    miscounted: sum(({ miscounted }) => miscounted),
    unbalanced: facts.tallies.unbalanced,
  };
  const ok =
    wrong.lost === 0 &&
    wrong.unterminated === 0 &&
    wrong.duplicates <= inDoubtSum &&
    wrong.unmarked === 0 &&
    wrong.overtaken === 0 &&
    wrong.afterExpiry === 0 &&
    wrong.strangers === 0 &&
    wrong.miscounted === 0 &&
    wrong.unbalanced === 0 &&
    facts.unreleased.length === 0;
  return {
    chaos: 'random',
    seed: facts.seed,
    minutes: facts.minutes,
    submissions: facts.submissions,
    campaigns: facts.campaigns.length,
    recipients: sum(({ recipients }) => recipients),
    faults: { total: facts.faults.length, whileSending: whileSending(facts), byKind: countBy(facts.faults.map(({ kind }) => kind)) },
    ...wrong,
    pauseMs: pauses,
    pauseTargets: pauseTargets(pauses),
    lifeSafetyMs: {
      campaigns: lifeSafety.length,
      p50: quantile(waits, 0.5),
      max: waits.reduce((most, ms) => Math.max(most, ms), 0),
      late: lifeSafety.filter(({ ms }) => ms > LIFE_SAFETY_MS),
    },
    tallySamples: facts.tallies.samples,
    failedCalls: Object.fromEntries(facts.failedCalls),
    unreleased: facts.unreleased,
    coverage: {
      kinds: `${hit.size} of ${facts.kinds.length}`,
      missing: facts.kinds.filter((kind) => !hit.has(kind)),
      subjects: [...new Set(facts.faults.map(({ subject }) => subject))].toSorted(),
      acts: countBy(facts.campaigns.map(actOf)),
      lanes: countBy(facts.campaigns.map(({ planned }) => planned.lane)),
    },
    ground: facts.ground,
    ok,
  };
}

/**
 * From the end of the fault it was released in (or the answer to its release, if later) to the first hand-over of each life-safety campaign, ms; 0 = before.
 * Another fault that began before that hand-over counts until its own end.
 */
function lifeSafetyFirst({
  campaigns,
  faults,
  firstSms,
}: RunFacts): readonly { readonly fault: number; readonly kind: string; readonly ms: number }[] {
  return campaigns.flatMap(({ planned, campaignId, answeredAt }) => {
    const fault = faults.find(({ index }) => index === planned.duringFault);
    if (fault === undefined) return [];
    const first = firstSms.get(campaignId) ?? Infinity;
    const from = faults
      .filter((other) => other.startedAt < first && other.endedAt > answeredAt)
      .reduce((latest, { endedAt }) => Math.max(latest, endedAt), answeredAt);
    const ms = Math.max(0, first - from);
    return [{ fault: fault.index, kind: fault.kind, ms }];
  });
}

function actOf({ planned, corrects }: CampaignLog): string {
  if (corrects !== undefined) return 'correction';
  return planned.mode === 'order' ? 'order' : planned.act.kind;
}

/** Faults around which something was handed over, before and after. */
function whileSending({ faults, sms }: RunFacts): number {
  return faults.filter(({ startedAt, endedAt }) => {
    const near = (from: number, to: number): boolean => sms.some(({ at }) => at >= from && at <= to);
    return near(startedAt - SENDING_WITHIN_MS, startedAt) && near(startedAt, endedAt + SENDING_WITHIN_MS);
  }).length;
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
