import type { ChaosOptions } from '../options.js';
import type { Verdict } from '../oracle/judge-campaign.js';
import type { PlannedCampaign } from '../plan/plan-campaigns.js';
import type { ChaosResult } from '../result.js';
import type { Target } from '../target/target.js';

export interface ScenarioRun {
  readonly options: ChaosOptions;
  /** Not started yet. */
  readonly target: Target;
  readonly say: (line: string) => void;
}

/** One story told from an empty stack to its result. */
export interface Scenario {
  readonly name: string;
  readonly says: string;
  run(run: ScenarioRun): Promise<ChaosResult>;
}

export interface Sums {
  readonly recipients: number;
  readonly lost: number;
  readonly unterminated: number;
  readonly duplicates: number;
  readonly unmarked: number;
  readonly afterExpiry: number;
  readonly strangers: number;
  readonly miscounted: number;
}

/** Over all campaigns. */
export function sumVerdicts(verdicts: Iterable<Verdict>): Sums {
  const sums = { recipients: 0, lost: 0, unterminated: 0, duplicates: 0, unmarked: 0, afterExpiry: 0, strangers: 0, miscounted: 0 };
  for (const verdict of verdicts) for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += verdict[key];
  return sums;
}

/** What no scenario allows; duplicates are its own to judge. */
export function wrongs({ lost, unterminated, unmarked, afterExpiry, strangers, miscounted }: Sums): number {
  return lost + unterminated + unmarked + afterExpiry + strangers + miscounted;
}

const HOUR_MS = 3_600_000;

/** A campaign of a scenario: to everyone of a tenant, by SMS and mail, at a moment of it. */
export function plainCampaign(index: number, tenant: number, at: number, more: Partial<PlannedCampaign> = {}): PlannedCampaign {
  return {
    index,
    tenant,
    at,
    lane: 'standard',
    channels: ['sms', 'email'],
    mode: 'parallel',
    expiresAfter: 2 * HOUR_MS,
    act: { kind: 'none' },
    ...more,
  };
}
