import { describe, expect, it } from 'vitest';
import { makeCostResult, type CostFacts } from './cost-result.js';

const facts: CostFacts = {
  machine: { cores: 2, cpu: 'some', node: '24.0.0', memMiB: 1_024 },
  ground: { kind: 'embedded' },
  contacts: 1_000,
  idle: { seconds: 10, used: new Map([['routing', 0.02]]) },
  import: { seconds: 2, used: new Map([['kafka', 0.5]]) },
  rounds: [
    {
      messages: 1_000,
      seconds: 2,
      used: new Map([
        ['routing', 0.04],
        ['kafka', 0.1],
        ['document store', 0.02],
        ['stand-in-sms', 0.3],
      ]),
    },
  ],
  ours: ['routing', 'kafka', 'document store'],
  rssMiB: { routing: 120.4, 'document store': 300.6 },
  restarts: 0,
};

describe('the cost of a message', () => {
  const result = makeCostResult(facts);

  it('is CPU by process, broker and database included, with its total', () => {
    expect(result.cpuMicrosecondsPerMessage).toEqual({ routing: 40, kafka: 100, documentStore: 20, total: 160 });
  });

  it('leaves out who plays somebody outside, and names it aside', () => {
    expect(result.standIns).toEqual({ 'stand-in-sms': 300 });
  });

  it('tells import by contact and idling by second', () => {
    expect(result.importCpuMicrosecondsPerContact).toEqual({ routing: 0, kafka: 500, documentStore: 0, total: 500 });
    expect(result.idleCpuMillisecondsPerSecond).toEqual({ routing: 2, kafka: 0, documentStore: 0, total: 2 });
  });

  it('takes medians over rounds, process by process', () => {
    const [round] = facts.rounds;
    if (round === undefined) throw new Error('one round');
    const rounds = [round, { ...round, used: new Map([['routing', 0.1]]) }, { ...round, seconds: 4, used: new Map([['routing', 0.06]]) }];
    const { cpuMicrosecondsPerMessage, perSecond } = makeCostResult({ ...facts, rounds });
    expect(cpuMicrosecondsPerMessage).toEqual({ routing: 60, kafka: 0, documentStore: 0, total: 60 });
    expect(perSecond).toBe(500);
  });
});
