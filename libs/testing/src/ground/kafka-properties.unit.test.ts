import { describe, expect, it } from 'vitest';
import { kafkaProperties, type KafkaNode } from './kafka-properties.js';

const node = (id: number, rack?: string): KafkaNode => ({
  id,
  host: `127.1.0.${id}`,
  port: 7400,
  controllerPort: 7401,
  ...(rack === undefined ? {} : { rack }),
});
const linesOf = (self: KafkaNode, nodes: readonly KafkaNode[]): readonly string[] => kafkaProperties(self, nodes, '/data').split('\n');

describe("a broker's properties", () => {
  it('keep one copy where there is one node', () => {
    const lines = linesOf(node(1), [node(1)]);
    expect(lines).toContain('default.replication.factor=1');
    expect(lines).toContain('min.insync.replicas=1');
    expect(lines.some((line) => line.startsWith('broker.rack'))).toBe(false);
  });

  it('stretch over three racks: three copies, two in sync before an acknowledgement, no unclean leader, readers served in their rack', () => {
    const nodes = [node(1, 'A'), node(2, 'B'), node(3, 'W')];
    const lines = linesOf(node(2, 'B'), nodes);
    for (const line of [
      'node.id=2',
      'controller.quorum.voters=1@127.1.0.1:7401,2@127.1.0.2:7401,3@127.1.0.3:7401',
      'default.replication.factor=3',
      'offsets.topic.replication.factor=3',
      'min.insync.replicas=2',
      'unclean.leader.election.enable=false',
      'broker.rack=B',
      'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('closed: no listener in the clear, passwords from services, certificates from brokers, and what no rule allows is denied', () => {
    const self: KafkaNode = { ...node(1), internalPort: 7403 };
    const lines = kafkaProperties(self, [self], '/data', { pair: '/c/tls.pem', ca: '/c/ca.crt' }).split('\n');
    expect(lines).toContain('listeners=CLIENTS://127.1.0.1:7400,INTERNAL://127.1.0.1:7403,CONTROLLER://127.1.0.1:7401');
    expect(lines).toContain('listener.security.protocol.map=CLIENTS:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL');
    expect(lines).toContain('listener.name.internal.ssl.client.auth=required');
    expect(lines).toContain('allow.everyone.if.no.acl.found=false');
    expect(lines.join('\n')).not.toContain('PLAINTEXT');
    expect(() => kafkaProperties(node(1), [node(1)], '/data', { pair: '/c/tls.pem', ca: '/c/ca.crt' })).toThrow(/internalPort/);
  });
});
