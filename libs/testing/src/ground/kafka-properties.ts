/** One broker that votes as well. */
export interface KafkaNode {
  /** From 1, never given to another node of the cluster. */
  readonly id: number;
  /** Address it listens on and is known by. */
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
  /** Where brokers reach each other, and an administrator by certificate; only when links are closed. */
  readonly internalPort?: number;
  /** The place whose loss takes it away: copies of a partition are spread over racks, and readers are served in their own. */
  readonly rack?: string;
}

/** PEM files of a closed broker: its key with its certificate, and the authorities it trusts. */
export interface KafkaTls {
  readonly pair: string;
  readonly ca: string;
}

/** Copies of a partition that survive the loss of one place with nothing acknowledged lost. */
const MOST_COPIES = 3;

/** The server.properties of a node: all copies there can be, and with three of them no acknowledgement by one alone. */
export function kafkaProperties(node: KafkaNode, nodes: readonly KafkaNode[], logDir: string, tls?: KafkaTls): string {
  const copies = Math.min(MOST_COPIES, nodes.length);
  const leastInSync = copies === MOST_COPIES ? 2 : 1;
  const lines = [
    'process.roles=broker,controller',
    `node.id=${node.id}`,
    `controller.quorum.voters=${nodes.map(({ id, host, controllerPort }) => `${id}@${host}:${controllerPort}`).join(',')}`,
    'controller.listener.names=CONTROLLER',
    ...(tls === undefined ? openListeners(node) : closedListeners(node, tls)),
    `log.dirs=${logDir}`,
    'auto.create.topics.enable=false',
    // Internal topics must be told as well, or groups of a small cluster never get a coordinator.
    `default.replication.factor=${copies}`,
    `min.insync.replicas=${leastInSync}`,
    `offsets.topic.replication.factor=${copies}`,
    'offsets.topic.num.partitions=8',
    `transaction.state.log.replication.factor=${copies}`,
    `transaction.state.log.min.isr=${leastInSync}`,
    'transaction.state.log.num.partitions=1',
    `share.coordinator.state.topic.replication.factor=${copies}`,
    `share.coordinator.state.topic.min.isr=${leastInSync}`,
    'group.initial.rebalance.delay.ms=0',
    'group.min.session.timeout.ms=1000',
    'num.network.threads=2',
    'num.io.threads=4',
    'log.segment.bytes=67108864',
    // Index files are reserved whole: 10 MiB each would ask the disk for gigabytes on some hundred partitions.
    'log.index.size.max.bytes=1048576',
    'log.cleaner.dedupe.buffer.size=16777216',
    ...(nodes.length > 1 ? STRETCHED : SINGLE),
    ...(node.rack === undefined ? [] : [`broker.rack=${node.rack}`, RACK_AWARE]),
  ];
  return `${lines.join('\n')}\n`;
}

function openListeners({ host, port, controllerPort }: KafkaNode): readonly string[] {
  return [
    `listeners=PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    `advertised.listeners=PLAINTEXT://${host}:${port}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=PLAINTEXT',
  ];
}

/** Services come with a password over TLS; brokers, controllers and an administrator with a certificate. What no rule allows is denied. */
function closedListeners({ host, port, controllerPort, internalPort }: KafkaNode, { pair, ca }: KafkaTls): readonly string[] {
  if (internalPort === undefined) throw new Error('a closed node needs an internalPort');
  return [
    `listeners=CLIENTS://${host}:${port},INTERNAL://${host}:${internalPort},CONTROLLER://${host}:${controllerPort}`,
    `advertised.listeners=CLIENTS://${host}:${port},INTERNAL://${host}:${internalPort}`,
    'listener.security.protocol.map=CLIENTS:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name=INTERNAL',
    'sasl.enabled.mechanisms=SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    // A session of a password that was replaced ends after this long; clients prove themselves anew before, on the same connection.
    'listener.name.clients.connections.max.reauth.ms=1800000',
    'listener.name.internal.ssl.client.auth=required',
    'listener.name.controller.ssl.client.auth=required',
    'ssl.engine.factory.class=tocsin.ground.RenewedTls',
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${pair}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${ca}`,
    // The user is the name in the certificate.
    'ssl.principal.mapping.rules=RULE:^CN=([^,]+)$/$1/,DEFAULT',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found=false',
    'super.users=User:kafka;User:admin',
  ];
}

const SINGLE: readonly string[] = [
  // Twice a second the controller would write a record of nothing, and flush it, so that other brokers see whether they lag: a third of what an idle broker costs (11 instead of 17 ms of CPU a second).
  'metadata.max.idle.interval.ms=10000',
];

const STRETCHED: readonly string[] = [
  'unclean.leader.election.enable=false',
  // A lost or frozen broker is found, and its partitions are led by others, after this time (Kafka's default is 9 s).
  'broker.session.timeout.ms=6000',
  'broker.heartbeat.interval.ms=1500',
  // A follower that is cut off holds acknowledgements up this long (default 30 s): above a pause of the collector, below what people wait.
  'replica.lag.time.max.ms=5000',
  'replica.socket.timeout.ms=5000',
  'replica.fetch.wait.max.ms=500',
  'controller.quorum.fetch.timeout.ms=4000',
  'controller.quorum.election.timeout.ms=1500',
  'controller.quorum.request.timeout.ms=3000',
  // After a return its partitions are led by it again within this time, a drain's included.
  'auto.leader.rebalance.enable=true',
  'leader.imbalance.check.interval.seconds=20',
  'leader.imbalance.per.broker.percentage=10',
  'num.replica.fetchers=2',
];

/** A reader that names its rack is sent to the copy there. */
const RACK_AWARE = 'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector';
