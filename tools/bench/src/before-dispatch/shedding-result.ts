import { quantile } from '../world/statistics.js';

/** How a call of the flood ended, and after how long, ms. */
export interface CallEnd {
  readonly how: 'answered' | 'refused' | 'failed';
  readonly ms: number;
  /** Whether a refusal said when to come back. */
  readonly saysWhen: boolean;
}

export interface SheddingFacts {
  /** Calls a second that were answered with as many clients as it takes and no more. */
  readonly knee: number;
  /** Calls of the flood, and the seconds it lasted. */
  readonly flood: readonly CallEnd[];
  readonly seconds: number;
  /** Calls of a tenant that stays within its limits, meanwhile and before. */
  readonly beside: readonly CallEnd[];
  readonly alone: readonly CallEnd[];
  /** Steps of life-safety alerts of a tenant of the flood, meanwhile. */
  readonly alerts: readonly CallEnd[];
  /** p99 of how late the generator's own event loop was, ms: it is in every time measured here. */
  readonly generatorLagMs: number;
  /** Cores the generator used, while the knee was looked for and during the flood: of the same machine as the platform's. */
  readonly generatorCores: { readonly knee: number; readonly flood: number };
}

export type SheddingFigures = ReturnType<typeof makeSheddingFigures>;

/** Reliability promise G13: at ten times the knee goodput is at least 90 % of it, and refusals come within 50 ms with when to retry. */
const GOODPUT_PART = 0.9;
const REFUSAL_MS = 50;

/** Pure. */
export function makeSheddingFigures(
  { knee, flood, seconds, beside, alone, alerts, generatorLagMs, generatorCores }: SheddingFacts,
  cores: number,
) {
  const refused = flood.filter(({ how }) => how === 'refused');
  const answered = [...flood, ...beside, ...alerts].filter(({ how }) => how === 'answered').length;
  const goodput = answered / seconds;
  // What the knee would have been with as little of the machine as the flood's generator leaves.
  const kneeBeside = knee * ((cores - generatorCores.flood) / (cores - generatorCores.knee));
  const refusalP99 = quantile(
    refused.map(({ ms }) => ms),
    0.99,
  );
  const alertsRefused = alerts.filter(({ how }) => how !== 'answered').length;
  const silent = refused.filter(({ saysWhen }) => !saysWhen).length;
  return {
    kneePerSecond: Math.round(knee),
    offeredPerSecond: Math.round(flood.length / seconds),
    goodputPerSecond: Math.round(goodput),
    refused: refused.length,
    failed: flood.filter(({ how }) => how === 'failed').length,
    besideMs: spread(beside),
    besideRefused: beside.filter(({ how }) => how !== 'answered').length,
    aloneMs: spread(alone),
    generatorLagP99Ms: round(generatorLagMs),
    generatorCores: { knee: round(generatorCores.knee), flood: round(generatorCores.flood) },
    lines: [
      {
        measure: 'goodput at 10 x the knee',
        unit: 'of the knee',
        measured: round(goodput / knee),
        target: GOODPUT_PART,
        met: goodput >= GOODPUT_PART * knee,
      },
      {
        measure: 'goodput at 10 x the knee, of the cores the generator leaves',
        unit: 'of the knee',
        measured: round(goodput / kneeBeside),
        target: GOODPUT_PART,
        met: goodput >= GOODPUT_PART * kneeBeside,
      },
      { measure: 'refusal, p99', unit: 'ms', measured: round(refusalP99), target: REFUSAL_MS, met: refusalP99 <= REFUSAL_MS },
      { measure: 'refusals that do not say when to retry', unit: 'calls', measured: silent, target: 0, met: silent === 0 },
      { measure: 'steps of life-safety alerts refused', unit: 'calls', measured: alertsRefused, target: 0, met: alertsRefused === 0 },
    ],
  };
}

function spread(ends: readonly CallEnd[]) {
  const times = ends.filter(({ how }) => how === 'answered').map(({ ms }) => ms);
  return { calls: ends.length, p50: round(quantile(times, 0.5)), p99: round(quantile(times, 0.99)) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
