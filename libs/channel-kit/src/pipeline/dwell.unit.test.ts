import { describe, expect, it } from 'vitest';
import { Lane } from '@tocsin/contracts/common/v1/common';
import { Outcome } from '@tocsin/contracts/deliveries/v1/attempts';
import { createMetrics } from '@tocsin/observability';
import type { AttemptFacts } from './attempt-of.js';
import { Dwell } from './dwell.js';
import { heldItem } from './held-item.fixture.test.js';
import type { HeldItem } from './held-item.js';

const facts = (change: Partial<AttemptFacts>): AttemptFacts => ({
  outcome: Outcome.ACCEPTED,
  reason: '',
  provider: 'p',
  route: '',
  providerCode: '',
  providerIds: [],
  submittedAt: 3_000,
  answeredAt: 3_200,
  cost: 1,
  ...change,
});

async function sums(item: HeldItem, change: Partial<AttemptFacts> = {}): Promise<Record<string, number>> {
  const metrics = createMetrics();
  new Dwell(metrics, 'any').recorded(item, facts(change));
  const read = (await metrics.text()).matchAll(
    /^tocsin_(dwell|release_to_hand_over)_seconds_sum\{.*lane="urgent"(?:,stage="(.+)")?\} (.+)$/gm,
  );
  return Object.fromEntries([...read].map(([, name, stage, value]) => [stage ?? name ?? '', Number(value)]));
}

describe('how long deliveries dwell in a channel', () => {
  const urgent = heldItem({ lane: Lane.URGENT, grantedAt: 2_500 }, { releasedAt: 1_000 });

  it('is timed from grant to hand-over, to the answer, and from the release to the first hand-over', async () => {
    expect(await sums(urgent)).toEqual({ 'handed-over': 0.5, accepted: 0.2, release_to_hand_over: 2 });
  });

  const silent = [
    ['a refusal has no acceptance', urgent, { outcome: Outcome.FAILED }, { 'handed-over': 0.5, accepted: 0, release_to_hand_over: 2 }],
    [
      'a retry is no first hand-over',
      heldItem({ ...urgent, n: 2 }, urgent.frame),
      {},
      { 'handed-over': 0.5, accepted: 0.2, release_to_hand_over: 0 },
    ],
    [
      'what never reached a provider waits for nothing',
      urgent,
      { submittedAt: 0 },
      { 'handed-over': 0, accepted: 0, release_to_hand_over: 0 },
    ],
    [
      'what was left in doubt was handed over before',
      { ...urgent, unanswered: 1 },
      {},
      { 'handed-over': 0, accepted: 0, release_to_hand_over: 0 },
    ],
    [
      'clocks that differ make no negative time',
      { ...urgent, grantedAt: 3_050 },
      {},
      { 'handed-over': 0, accepted: 0.2, release_to_hand_over: 2 },
    ],
  ] as const;
  it.each(silent)('%s', async (_, item, change, expected) => {
    expect(await sums(item, change)).toEqual(expected);
  });
});
