import { describe, expect, it } from 'vitest';
import { clientLibraryPart, type CpuProfile } from './client-library.js';

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

/** (root) > kafkajs' send > node's write > a native write; our client > a handler of the service; and the engine itself. */
const PROFILE: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 7, 8]),
    node(2, 'send', 'file:///app/node_modules/kafkajs/src/network/connection.js', [3]),
    node(3, 'write', 'node:net', [4]),
    node(4, 'writeBuffer', ''),
    node(5, 'take', 'file:///app/libs/kafka/dist/partition-reader.js', [6]),
    node(6, 'onBatch', 'file:///app/services/routing/dist/dispatch.js'),
    node(7, '(idle)', ''),
    node(8, '(garbage collector)', ''),
  ],
  samples: [4, 5, 6, 7, 8],
  timeDeltas: [30, 20, 40, 900, 10],
};

describe("the Kafka client's part of a profile", () => {
  it('has what it calls, not what it hands over to, and the engine in the whole', () => {
    expect(clientLibraryPart(PROFILE)).toBeCloseTo(50 / 100);
  });

  it('is nothing of a process that did nothing', () => {
    expect(clientLibraryPart({ ...PROFILE, samples: [7], timeDeltas: [1_000] })).toBe(0);
    expect(clientLibraryPart({ nodes: [] })).toBe(0);
  });
});
