import { describe, expect, it } from 'vitest';
import { makeUrgentResult, type UrgentFacts, type UrgentSample } from './urgent-result.js';

/** So many messages: the call takes 20 ms, and `afterAnswer` ms later the first is on the wire; one of them is `worst` ms later. */
function samples(count: number, afterAnswer: number, worst: number): UrgentSample[] {
  return Array.from({ length: count }, (_, place) => {
    const wireAt = 1_020 + (place === 0 ? worst : afterAnswer);
    const lane = place % 2 === 0 ? 'life-safety' : 'urgent';
    return { campaignId: `cmp_${place}`, lane, calledAt: 1_000, answeredAt: 1_020, wireAt, lastAt: wireAt + 8 };
  });
}

function facts(own: readonly UrgentSample[], control: readonly UrgentSample[]): UrgentFacts {
  const machine = { cores: 2, cpu: 'x', node: '24', memMiB: 1 };
  return { machine, ground: {}, contacts: 150_000, samples: own, control, cores: {} };
}

describe('the result of the urgent benchmark', () => {
  it('times from the answer and from the call, and compares p99 from the call with the control', () => {
    const { figures, targets } = makeUrgentResult(facts(samples(120, 30, 90), samples(120, 450, 800)));
    expect(figures.tocsin.fromAnswer).toEqual({ p50: 30, p95: 30, p99: 30, max: 90 });
    expect(figures.tocsin.fromCall).toEqual({ p50: 50, p95: 50, p99: 50, max: 110 });
    expect(figures.tocsin.firstToLast.max).toBe(8);
    expect(targets.acceptToWireP99Ms).toEqual({ measured: 30, target: 100, met: true });
    expect(targets.timesBetter).toEqual({ measured: 9.4, target: 8, met: true });
  });

  it('misses its targets when the tail is late or the control is nearly as good', () => {
    const { targets } = makeUrgentResult(facts(samples(60, 101, 400), samples(120, 450, 450)));
    expect(targets.acceptToWireP99Ms.met).toBe(false);
    expect(makeUrgentResult(facts(samples(120, 101, 101), samples(120, 450, 450))).targets.timesBetter?.met).toBe(false);
  });

  it('has met nothing with fewer than a hundred samples', () => {
    const { targets } = makeUrgentResult(facts(samples(99, 10, 10), samples(99, 800, 800)));
    expect([targets.acceptToWireP99Ms.met, targets.callToWireP99Ms.met, targets.timesBetter?.met]).toEqual([false, false, false]);
    expect(makeUrgentResult(facts(samples(100, 10, 10), samples(99, 800, 800))).targets.timesBetter?.met).toBe(false);
  });

  it('counts a message that was on the wire before its answer as one that did not wait', () => {
    expect(makeUrgentResult(facts(samples(100, -5, -5), [])).figures.tocsin.fromAnswer.p50).toBe(0);
  });

  it('leaves the comparison out where the control did not run', () => {
    const { figures, targets } = makeUrgentResult(facts(samples(100, 10, 10), []));
    expect('bullmq' in figures || 'timesBetter' in targets).toBe(false);
  });
});
