import { describe, expect, it } from 'vitest';
import { sumOfSeries } from './growth-processes.js';
import { makeGrowthResult, type GrowthFacts, type Point } from './growth-result.js';

/** A point whose stretches used so many µs a message in routing, the channel and the broker. */
function point(size: number, routing: readonly number[], rss = 100): Point {
  const messages = 10_000;
  const seconds = (microseconds: number): number => (microseconds * messages) / 1_000_000;
  const stretches = routing.map((cost) => ({
    messages,
    seconds: 2,
    used: new Map([
      ['routing', seconds(cost)],
      ['channel-null', seconds(10)],
      ['kafka', seconds(5)],
      ['document store', seconds(1)],
    ]),
    rssMiB: new Map([
      ['routing', rss],
      ['channel-null', 90],
    ]),
  }));
  return { size, stretches };
}

const facts: GrowthFacts = {
  machine: { cores: 2, cpu: 'some', node: '24.0.0', memMiB: 1_024 },
  ground: { kind: 'embedded' },
  rounds: 3,
  contacts: [point(10_000, [8, 10, 90]), point(50_000, [10, 10, 10]), point(1_000_000, [11, 11, 11], 105)],
  tenants: [point(10, [10]), point(500, [15]), point(5_000, [24])],
  firstSubmissions: new Map([
    [1_000, [100, 200, 900]],
    [1_000_000, [150, 250, 350]],
  ]),
  control: [{ messages: 10_000, seconds: 2, worker: 0.6, redis: 0.4 }],
};

describe('the result of growth', () => {
  const { figures, lines } = makeGrowthResult(facts);

  it('takes medians over stretches, and judges our processes without the broker', () => {
    expect(figures.contacts.map(({ ours }) => ours)).toEqual([20, 20, 21]);
    expect(lines.queuePathCpuMicroseconds).toEqual({ measured: 20, target: 25, met: true });
  });

  it('sets a worker beside our processes, and Redis beside the broker', () => {
    expect(figures.bullmq).toMatchObject({ worker: 60, redis: 40, perSecond: 5_000 });
    expect(lines.timesLessThanBullMq).toEqual({ measured: 3, target: 4, met: false });
    expect(lines.timesLessThanBullMqBothWithBroker).toEqual({ measured: 4, target: 4, met: true });
  });

  it('compares the largest with the smallest', () => {
    expect(lines.growthWithContacts).toEqual({ measured: 1.05, target: 1.1, met: true });
    expect(lines.growthWithTenants).toEqual({ measured: 1.7, target: 1.5, met: false });
    expect(lines.rssGrowthPercent).toEqual({ measured: 5, target: 10, met: true });
  });

  it('gives the worst median of release to first submission, and how far the medians lie apart', () => {
    expect(lines.releaseToFirstSubmitMs).toEqual({ measured: 250, target: 500, met: true });
    expect(lines.releaseToFirstSubmitFlat).toEqual({ measured: 1.25, target: 1.5, met: true });
  });

  it('says nothing of a control that did not run', () => {
    const { lines: without } = makeGrowthResult({ ...facts, control: [] });
    expect(without.timesLessThanBullMq.met).toBe(false);
  });
});

describe('a metric read from its text', () => {
  const text = [
    '# HELP tocsin_scheduler_backlog_slices x',
    'tocsin_scheduler_backlog_slices{channel="null",lane="standard"} 3',
    'tocsin_scheduler_backlog_slices{channel="null",lane="bulk"} 4',
    'tocsin_scheduler_backlog_slices{channel="sms",lane="bulk"} 50',
    'tocsin_scheduler_outstanding_more 9',
    'tocsin_scheduler_outstanding 2',
  ].join('\n');

  it('is the sum of its series with the label, and of no metric whose name is longer', () => {
    expect(sumOfSeries(text, 'scheduler_backlog_slices', 'channel="null"')).toBe(7);
    expect(sumOfSeries(text, 'scheduler_outstanding', '')).toBe(2);
  });

  it('is no number while there is none, so that nobody takes it for an end', () => {
    expect(sumOfSeries(text, 'channel_in_doubt', '')).toBeNaN();
  });
});
