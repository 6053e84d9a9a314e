import type { Campaign } from '@tocsin/contracts/campaigns/v1/campaign';
import type { JoinedLedgers } from '../ledger/join.js';
import type { DemoTenant } from './demo-tenant.js';
import type { KillLog } from './kill-loop.js';
import { excessSeconds, idealCompletion, type ActualRelease, type Rates } from './release-plan.js';

/** Hand-over of the city's first message after its release, seconds at most. */
const FIRST_HANDOVER_SECONDS = 2;
/** Resident set of a service, MiB at most. */
const SERVICE_MIB = 300;

export interface RunFacts {
  readonly ground: string;
  readonly tenants: readonly DemoTenant[];
  readonly rates: Rates;
  readonly releases: readonly ActualRelease[];
  readonly campaigns: ReadonlyMap<string, Campaign>;
  readonly joined: JoinedLedgers;
  readonly seconds: { readonly ground: number; readonly import: number };
  readonly rssMiB: Readonly<Record<string, number>>;
  readonly kill: { readonly kills: readonly KillLog[]; readonly markedDuplicates: number; readonly unmarked: number } | undefined;
}

/** The one object on the last line. */
export interface RunResult {
  readonly ground: string;
  readonly city: { readonly recipients: number; readonly terminal: number; readonly deliveries: number };
  readonly communes: { readonly count: number; readonly recipients: number; readonly terminal: number };
  readonly lost: number;
  readonly duplicates: number;
  readonly rates: Readonly<Record<string, { readonly configured: number; readonly mean: number; readonly peak: number }>>;
  readonly seconds: {
    readonly ground: number;
    readonly import: number;
    readonly cityFirstHandover: number;
    readonly cityLastHandover: number;
    readonly communesWorst: number;
    readonly communesWorstExcess: number;
  };
  readonly rssMiB: Readonly<Record<string, number>>;
  readonly kills?: number;
  readonly inDoubtBound?: number;
  readonly markedDuplicates?: number;
}

export function makeResult(facts: RunFacts): RunResult {
  const city = facts.tenants.filter(({ kind }) => kind === 'city');
  const others = facts.tenants.filter(({ kind }) => kind !== 'city');
  const took = completionSeconds(facts);
  const cityRelease = facts.releases.find(({ insee }) => insee === city[0]?.insee);
  const cityArrival = facts.joined.tenants[city[0]?.insee ?? ''];
  return {
    ground: facts.ground,
    city: { ...countRecipients(facts, city), deliveries: sum(city.map(({ insee }) => deliveriesOf(facts.campaigns.get(insee)))) },
    communes: { count: others.length, ...countRecipients(facts, others) },
    lost: facts.joined.lost,
    duplicates: facts.joined.duplicates,
    rates: Object.fromEntries(
      Object.entries(facts.rates).map(([channel, configured]) => [
        channel,
        { configured, ...(facts.joined.rates[channel] ?? { mean: 0, peak: 0 }) },
      ]),
    ),
    seconds: {
      ground: tenths(facts.seconds.ground),
      import: tenths(facts.seconds.import),
      cityFirstHandover: hundredths(((cityArrival?.first ?? 0) - (cityRelease?.at ?? 0)) / 1_000),
      cityLastHandover: tenths(((cityArrival?.last ?? 0) - (cityRelease?.at ?? 0)) / 1_000),
      communesWorst: tenths(Math.max(...others.map(({ insee }) => took.get(insee)?.actual ?? Infinity))),
      communesWorstExcess: tenths(Math.max(...others.map(({ insee }) => took.get(insee)?.excess ?? Infinity))),
    },
    rssMiB: facts.rssMiB,
    ...(facts.kill === undefined
      ? {}
      : {
          kills: facts.kill.kills.length,
          inDoubtBound: sum(facts.kill.kills.map(({ inDoubt }) => inDoubt)),
          markedDuplicates: facts.kill.markedDuplicates,
        }),
  };
}

/** What of the promise does not hold, one sentence each; empty when the run is good. */
export function findBroken(result: RunResult, facts: RunFacts): readonly string[] {
  const broken: string[] = [];
  const expected = (kinds: readonly string[]): number =>
    sum(facts.tenants.filter(({ kind }) => kinds.includes(kind)).map(({ recipients }) => recipients));
  const require = (holds: boolean, sentence: string): void => void (holds || broken.push(sentence));
  const cityExpected = expected(['city']);
  const othersExpected = expected(['town', 'commune']);
  require(result.city.recipients === cityExpected, `The city has ${result.city.recipients} recipients instead of ${cityExpected}.`);
  require(result.city.terminal === cityExpected, `${result.city.terminal} of the city's ${cityExpected} recipients are terminal.`);
  require(result.communes.recipients ===
    othersExpected, `The others have ${result.communes.recipients} recipients instead of ${othersExpected}.`);
  require(result.communes.terminal ===
    othersExpected, `${result.communes.terminal} of the others' ${othersExpected} recipients are terminal.`);
  require(result.lost === 0, `${result.lost} addresses were lost.`);
  require(facts.joined.unexpected === 0, `${facts.joined.unexpected} messages went to addresses that must not be reached.`);
  for (const [service, peak] of Object.entries(result.rssMiB))
    require(peak <= SERVICE_MIB, `${service} held ${peak} MiB, over ${SERVICE_MIB}.`);
  if (facts.kill === undefined) {
    require(result.duplicates === 0, `${result.duplicates} messages were sent twice without a fault.`);
    require(result.seconds.cityFirstHandover <=
      FIRST_HANDOVER_SECONDS, `The city's first hand-over took ${result.seconds.cityFirstHandover} s, over ${FIRST_HANDOVER_SECONDS}.`);
    require(result.seconds.communesWorstExcess <=
      0, `A commune waited ${result.seconds.communesWorstExcess} s longer than fairness allows.`);
  } else {
    require(result.duplicates <=
      (result.inDoubtBound ?? 0), `${result.duplicates} duplicates are more than the ${result.inDoubtBound} in doubt at the kills.`);
    require(facts.kill.unmarked === 0, `${facts.kill.unmarked} duplicates are not marked as possible in the ledger.`);
  }
  return broken;
}

/** Each municipality's time from its release call to its last acceptance, and what of it is over the allowance; without any acceptance both are infinite. */
export function completionSeconds(
  facts: RunFacts,
): ReadonlyMap<string, { readonly actual: number; readonly ideal: number; readonly excess: number }> {
  const ideal = idealCompletion(facts.releases, facts.rates);
  return new Map(
    facts.releases.map(({ insee, at }) => {
      const last = facts.joined.tenants[insee]?.last ?? 0;
      const actual = last === 0 ? Infinity : (last - at) / 1_000;
      const best = ((ideal.get(insee) ?? at) - at) / 1_000;
      return [insee, { actual, ideal: best, excess: excessSeconds(actual, best) }];
    }),
  );
}

function countRecipients({ campaigns }: RunFacts, tenants: readonly DemoTenant[]): { recipients: number; terminal: number } {
  const tallies = tenants.map(({ insee }) => campaigns.get(insee)?.tally);
  return { recipients: sum(tallies.map((tally) => tally?.recipients ?? 0)), terminal: sum(tallies.map((tally) => tally?.terminal ?? 0)) };
}

function deliveriesOf(campaign: Campaign | undefined): number {
  return sum(campaign?.tally?.channels.map(({ deliveries }) => deliveries) ?? []);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
