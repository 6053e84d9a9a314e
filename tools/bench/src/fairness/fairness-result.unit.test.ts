import { describe, expect, it } from 'vitest';
import type { RoundFacts } from './beside-a-city.js';
import type { Excess } from './excess.js';
import { makeFairnessResult, type FairnessFacts } from './fairness-result.js';
import { waitedIn } from './waited.js';

const excess = (excessMs: number): Excess => ({
  units: 50,
  idealMs: 200,
  tookMs: 200 + excessMs,
  firstMs: 80,
  excessMs,
  ofAllowed: excessMs / 300,
});
const round = (excessMs: number): RoundFacts => ({
  alone: [excess(excessMs)],
  together: [excess(excessMs)],
  atUsedRate: [excess(0), excess(0)],
  use: 0.98,
  twoCities: { partOfSecond: 0.515, mostApart: 6, use: 0.99, bySecond: [[500, 0]] },
});
const queued = { calledAt: 1_000, units: 50, unitsAhead: 149_950, watchedUntil: 13_000, rate: 500 };

const facts: FairnessFacts = {
  machine: { cores: 2, cpu: 'some', node: '24.0.0', memMiB: 1_024 },
  ground: { kind: 'embedded' },
  options: { rounds: 2 },
  setUpSeconds: 60,
  idle: { seconds: 10, used: new Map([['routing', 0.1]]) },
  rounds: [round(100), round(100)],
  inRounds: [
    { seconds: 30, used: new Map([['routing', 3]]) },
    { seconds: 10, used: new Map([['routing', 1]]) },
  ],
  thousand: undefined,
  weights: { parts: { 1: 1, 2: 1, 5: 1 }, worst: 0.02 },
  ourFifo: [waitedIn({ ...queued, completedAt: undefined })],
  bullMq: [waitedIn({ ...queued, completedAt: 301_000 })],
  bullMqCpu: new Map([['redis', 2]]),
  cityEnd: undefined,
  restarts: 0,
};

describe('the result of fairness', () => {
  const result = makeFairnessResult(facts);

  it('says of each line of the table what was measured and whether it is met', () => {
    expect(result.targets['communesAlone']).toMatchObject({ measured: 0.3333, met: true });
    expect(result.targets['twoCities']).toMatchObject({ measured: 0.015, met: false });
    expect(result.targets['shareErrorInASecond']).toMatchObject({ measured: 6, met: true });
    expect(result.targets['weights']).toMatchObject({ measured: 0.02, met: true });
    expect(result.targets['providerUse']).toMatchObject({ measured: 0.985, met: true });
    expect(result.targets['cityEnd']).toBeUndefined();
    expect(makeFairnessResult({ ...facts, rounds: [round(400)] }).targets['communesHundred']).toMatchObject({ met: false });
  });

  it('compares with a queue by what was watched at least, and by the place in it', () => {
    expect(result.figures.ourFifo).toEqual({
      samples: 1,
      completed: 0,
      atLeastSeconds: 12,
      byPlaceSeconds: 300,
      timesOursAtLeast: 40,
      timesOursByPlace: 1_000,
    });
    expect(result.figures.bullMq).toMatchObject({ completed: 1, atLeastSeconds: 300 });
  });

  it('has the cores that each process kept busy, over all rounds', () => {
    expect(result.cores.idle).toEqual({ routing: 0.01 });
    expect(result.cores.inRounds).toEqual({ routing: 0.1 });
  });
});
