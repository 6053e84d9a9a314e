import { describe, expect, it } from 'vitest';
import { kafkaProperties, type KafkaNode } from '@tocsin/testing';
import { aloneProperties } from './alone-properties.js';

const node = (id: number, rack: string): KafkaNode => ({ id, rack, host: `127.1.0.${id}`, port: 7400, controllerPort: 7401 });
const nodes = [node(1, 'A'), node(2, 'B'), node(3, 'W')];
const before = kafkaProperties(nodes[1] ?? node(2, 'B'), nodes, '/data');

describe('the properties of a broker that is promoted', () => {
  it('leave it the only vote and make one copy a whole', () => {
    const lines = aloneProperties(before, 2).split('\n');
    for (const line of [
      'controller.quorum.voters=2@127.1.0.2:7401',
      'default.replication.factor=1',
      'offsets.topic.replication.factor=1',
      'min.insync.replicas=1',
      'transaction.state.log.min.isr=1',
      'unclean.leader.election.enable=true',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('change nothing else', () => {
    const changed = new Set(before.split('\n').filter((line) => !aloneProperties(before, 2).split('\n').includes(line)));
    expect([...changed].map((line) => line.split('=')[0])).toEqual([
      'controller.quorum.voters',
      'default.replication.factor',
      'min.insync.replicas',
      'offsets.topic.replication.factor',
      'transaction.state.log.replication.factor',
      'transaction.state.log.min.isr',
      'share.coordinator.state.topic.replication.factor',
      'share.coordinator.state.topic.min.isr',
      'unclean.leader.election.enable',
    ]);
  });

  it('are refused to a node without a vote', () => {
    expect(() => aloneProperties(before, 7)).toThrow('node 7 has no vote');
  });
});
