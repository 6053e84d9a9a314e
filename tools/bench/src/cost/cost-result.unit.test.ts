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
  paced: undefined,
  idleClientLibrary: new Map(),
  ours: ['routing', 'kafka', 'document store'],
  services: ['routing'],
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

  it('holds what the issue asks for against its targets', () => {
    expect(result.figures).toEqual({
      cpuMicrosecondsPerMessage: { measured: 160, target: 250, met: true },
      idlePercentOfACore: { measured: 0.2, target: 6, met: true },
    });
    expect(makeCostResult({ ...facts, idle: { seconds: 1, used: new Map([['routing', 0.061]]) } }).figures['idlePercentOfACore']).toEqual({
      measured: 6.1,
      target: 6,
      met: false,
    });
  });

  it('judges what was measured and not what is shown of it', () => {
    const idle = { seconds: 1, used: new Map([['routing', 0.0604]]) };
    expect(makeCostResult({ ...facts, idle }).figures['idlePercentOfACore']).toEqual({ measured: 6, target: 6, met: false });
  });

  it('tells the same at 500/s by message and in cores, routing and channels together against their target', () => {
    const used = new Map([
      ['routing', 3],
      ['channel-sms', 12],
      ['kafka', 6],
    ]);
    const ours = ['routing', 'channel-sms', 'kafka'];
    const services = ['routing', 'channel-sms'];
    const { paced, figures } = makeCostResult({ ...facts, ours, services, paced: { messages: 15_000, seconds: 30, used } });
    expect(paced).toEqual({
      messages: 15_000,
      seconds: 30,
      perSecond: 500,
      cpuMicrosecondsPerMessage: { routing: 200, 'channel-sms': 800, kafka: 400, total: 1_400 },
      cores: { routing: 0.1, 'channel-sms': 0.4, kafka: 0.2 },
    });
    expect(figures['routingAndChannelCoresAt500']).toEqual({ measured: 0.5, target: 0.6, met: true });
  });

  it("tells the Kafka client's part of idling", () => {
    const idleClientLibrary = new Map([['routing', 0.25]]);
    expect(makeCostResult({ ...facts, idleClientLibrary }).idleClientLibraryMillisecondsPerSecond).toEqual({ routing: 0.5, total: 0.5 });
  });
});
