import { describe, expect, it } from 'vitest';
import { makeBeforeDispatchResult, type Phase, type PhaseRound } from './before-dispatch-result.js';
import { makeSheddingFigures, type CallEnd } from './shedding-result.js';

const answered: CallEnd = { how: 'answered', ms: 10, saysWhen: false };
const refused: CallEnd = { how: 'refused', ms: 2, saysWhen: true };
const times = (count: number, end: CallEnd): CallEnd[] => Array.from({ length: count }, () => end);

const SHEDDING = {
  knee: 10,
  generatorLagMs: 1,
  generatorCores: { knee: 0.5, flood: 1.25 },
  seconds: 10,
  alone: times(5, answered),
  alerts: times(3, answered),
  beside: times(7, answered),
};

function round(phase: Phase, paths: readonly number[], cpu = 1): PhaseRound {
  return {
    phase,
    samples: paths.map((path) => ({ path, release: path / 2 })),
    seconds: 10,
    used: new Map([['gateway', cpu]]),
  };
}

function resultOf(rounds: readonly PhaseRound[]) {
  const machine = { cores: 2, cpu: 'x', node: '24', memMiB: 1 };
  const shedding = makeSheddingFigures({ ...SHEDDING, flood: times(90, answered) }, 2);
  return makeBeforeDispatchResult({ machine, ground: {}, contacts: 1, rounds, shedding });
}

const CALM: readonly PhaseRound[] = (['idle', 'import', 'preview', 'plan', 'drain'] as const).map((phase) => round(phase, [100, 200, 300]));

describe('figures of a commune’s path', () => {
  it('are pooled over rounds and held against the median of idle', () => {
    const { figures, lines } = resultOf([...CALM, round('import', [1_100, 1_300], 3)]);
    expect(figures.import).toEqual({
      samples: 5,
      pathMs: { p50: 300, p99: 1_300, max: 1_300 },
      releaseMs: { p50: 150, p99: 650, max: 650 },
      cores: { gateway: 0.2 },
    });
    expect(lines.slice(0, 2)).toMatchObject([
      { measure: 'whole path above idle, city: import', measured: 1_100, target: 1_000, met: false },
      { measure: 'release to first hand-over above idle, city: import', measured: 550, met: true },
    ]);
  });

  it('have a line for each thing a city does, and none for idle', () => {
    expect(resultOf(CALM).lines.map(({ met }) => met)).toEqual(Array.from({ length: 8 }, () => true));
  });
});

describe('figures of shedding', () => {
  it.each([
    { label: 'enough goodput', flood: [...times(80, answered), ...times(900, refused)], met: [true, true, true, true, true] },
    { label: 'too little goodput', flood: [...times(79, answered), ...times(900, refused)], met: [false, true, true, true, true] },
    { label: 'a slow refusal', flood: [...times(90, answered), { ...refused, ms: 51 }], met: [true, true, false, true, true] },
    {
      label: 'a refusal that does not say when',
      flood: [...times(90, answered), { ...refused, saysWhen: false }],
      met: [true, true, true, false, true],
    },
  ])('$label', ({ flood, met }) => {
    expect(makeSheddingFigures({ ...SHEDDING, flood }, 2).lines.map((line) => line.met)).toEqual(met);
  });

  it('the generator takes from the goodput what it takes from the machine', () => {
    const { lines } = makeSheddingFigures({ ...SHEDDING, flood: times(35, answered) }, 2);
    expect(lines.slice(0, 2)).toMatchObject([
      { measured: 0.45, met: false },
      { measured: 0.9, met: true },
    ]);
  });

  it('an alert refused is told', () => {
    const { lines } = makeSheddingFigures({ ...SHEDDING, flood: times(90, answered), alerts: [...SHEDDING.alerts, refused] }, 2);
    expect(lines.at(-1)).toMatchObject({ measured: 1, met: false });
  });
});
