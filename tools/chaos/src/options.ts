import { parseArgs } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { FAULT_KINDS, type FaultKind } from './plan/fault-kinds.js';
import type { Scenario } from './scenarios/scenario.js';
import { SCENARIOS } from './scenarios/scenarios.js';
import { faultCount } from './plan/plan-faults.js';

export const TARGET_NAMES = ['single-host', 'sites'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly kinds: readonly FaultKind[];
  readonly faults: number;
  /** SMS a second the provider's contract allows; a third as many mails. */
  readonly rate: number;
  readonly cityContacts: number;
  /** A story instead of a random run. */
  readonly scenario: Scenario | undefined;
  /** Seconds each process of the scenario frozen-each is frozen. */
  readonly freezeSeconds: number;
  /** Seconds that what a scenario of sites does lasts. */
  readonly lastsSeconds: number;
  /** Communes beside the city in a scenario of sites. */
  readonly communes: number;
  /** Which stack is played with. */
  readonly target: TargetName;
  /** A built tree whose services are run instead of this clone's. */
  readonly tree: string | undefined;
}

export const USAGE = [
  'npm run chaos -- [--minutes 20] [--seed N] [--kinds kill-broker,freeze-channel] [--faults N] [--rate 200] [--city N] [--target single-host|sites] [--tree DIR]',
  ...SCENARIOS.map(({ name, says }) => `npm run chaos -- --scenario ${name}: ${says}`),
].join('\n');

const MAX_MINUTES = 240;
const MAX_SEED = 2 ** 31;
/** A city is sent to in about two minutes. */
const CITY_SECONDS = 120;

export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '20' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      kinds: { type: 'string', default: '' },
      faults: { type: 'string' },
      rate: { type: 'string', default: '200' },
      city: { type: 'string' },
      scenario: { type: 'string', default: '' },
      freeze: { type: 'string', default: '60' },
      lasts: { type: 'string', default: '60' },
      communes: { type: 'string', default: '40' },
      target: { type: 'string', default: 'single-host' },
      tree: { type: 'string' },
    },
  });
  const minutes = number('minutes', values.minutes, 0.5, MAX_MINUTES);
  const rate = number('rate', values.rate, 5, 10_000);
  return {
    minutes,
    seed: Math.floor(number('seed', values.seed, 0, MAX_SEED)),
    kinds: kindsNamed(values.kinds),
    faults: values.faults === undefined ? faultCount(minutes) : Math.floor(number('faults', values.faults, 0, 10_000)),
    rate,
    cityContacts: Math.round(
      values.city === undefined ? rate * Math.min(CITY_SECONDS, minutes * 30) : number('city', values.city, 100, 1_000_000),
    ),
    scenario: scenarioNamed(values.scenario),
    freezeSeconds: number('freeze', values.freeze, 1, 600),
    lastsSeconds: number('lasts', values.lasts, 1, 600),
    communes: Math.floor(number('communes', values.communes, 1, 300)),
    target: targetNamed(values.target),
    tree: values.tree,
  };
}

function kindsNamed(text: string): readonly FaultKind[] {
  if (text === '') return FAULT_KINDS;
  return text.split(',').map((name) => {
    const kind = FAULT_KINDS.find((known) => known.name === name);
    if (kind !== undefined) return kind;
    const known = FAULT_KINDS.map((one) => one.name).join(', ');
    throw new TocsinError('INVALID_ARGUMENT', 'KIND_UNKNOWN', `No kind of fault is called "${name}"; these exist: ${known}.`);
  });
}

function scenarioNamed(text: string): Scenario | undefined {
  const scenario = SCENARIOS.find(({ name }) => name === text);
  if (scenario !== undefined || text === '') return scenario;
  const known = SCENARIOS.map(({ name }) => name).join(', ');
  throw new TocsinError('INVALID_ARGUMENT', 'SCENARIO_UNKNOWN', `No scenario is called "${text}"; these exist: ${known}.`);
}

function targetNamed(text: string): TargetName {
  const target = TARGET_NAMES.find((name) => name === text);
  if (target !== undefined) return target;
  throw new TocsinError('INVALID_ARGUMENT', 'TARGET_UNKNOWN', `--target takes ${TARGET_NAMES.join(' or ')}.`);
}

function number(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text !== '' && value >= from && value <= to) return value;
  throw new TocsinError('INVALID_ARGUMENT', 'OPTION_INVALID', `--${name} takes a number from ${from} to ${to}.`);
}
