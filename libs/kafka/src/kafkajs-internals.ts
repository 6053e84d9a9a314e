import { createRequire } from 'node:module';
import { connect as connectTcp, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AclEntry } from './access/acl-entries.js';
import type { ClientSecurity } from './client-security.js';

/*
 * The one place that knows kafkajs. What is used of it is its protocol layer (connections, requests, metadata), not its consumer and
 * producer: these cannot drain before a re-join, tell when a heartbeat was sent, keep their member id over a lost connection or
 * come back from a frozen broker in time, and no release will mend them. So reaching for internals costs nothing, and leaving
 * kafkajs means replacing this file by another client's protocol layer.
 */
const load = createRequire(import.meta.url);

export interface KafkaMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Unix ms as text; not set = now. */
  readonly timestamp?: string;
}

export interface FetchedMessage extends KafkaMessage {
  readonly offset: string;
  /** Unix ms as text. */
  readonly timestamp: string;
  readonly isControlRecord?: boolean;
}

interface TopicOf<P> {
  readonly topic: string;
  readonly partitions: readonly P[];
}

interface Member {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

export interface TopicCreation {
  readonly topic: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configEntries: readonly { readonly name: string; readonly value: string }[];
}

interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  /** Copies that have every acknowledged record. */
  readonly isr: readonly number[];
}

/** A request of the protocol with how its answer is read, as kafkajs sends it. */
export interface ProtocolRequest<T, Raw = never> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly encode: () => Promise<unknown>;
  };
  readonly response: { readonly decode: (data: Buffer) => Promise<unknown>; readonly parse: (decoded: Raw) => Promise<T> };
}

/** One connected node, as far as it is used here. Offsets and times are decimal texts. */
export interface Broker {
  readonly nodeId: number;
  metadata(topics: readonly string[]): Promise<{
    readonly brokers: readonly { readonly nodeId: number; readonly rack: string | null }[];
    readonly topicMetadata: readonly { readonly topic: string; readonly partitionMetadata: readonly PartitionMetadata[] }[];
  }>;
  fetch(request: {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly isolationLevel: number;
    readonly topics: readonly TopicOf<{ readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number }>[];
    readonly rackId: string;
  }): Promise<{
    readonly responses: readonly {
      readonly topicName: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly highWatermark: string;
        /** -1 or absent: the one that was asked. */
        readonly preferredReadReplica?: number;
        readonly messages: readonly FetchedMessage[];
      }[];
    }[];
  }>;
  produce(request: {
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly acks: number;
    readonly timeout: number;
    readonly topicData: readonly TopicOf<{
      readonly partition: number;
      readonly firstSequence: number;
      readonly messages: readonly KafkaMessage[];
    }>[];
  }): Promise<{
    readonly topics: readonly {
      readonly topicName: string;
      readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
    }[];
  }>;
  initProducerId(request: {
    readonly transactionTimeout: number;
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
  joinGroup(request: {
    readonly groupId: string;
    readonly sessionTimeout: number;
    readonly rebalanceTimeout: number;
    readonly memberId: string;
    readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
  }): Promise<{
    readonly generationId: number;
    readonly leaderId: string;
    readonly memberId: string;
    readonly members: readonly Member[];
  }>;
  syncGroup(request: {
    readonly groupId: string;
    readonly generationId: number;
    readonly memberId: string;
    readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
  }): Promise<{ readonly memberAssignment: Buffer }>;
  describeGroups(request: { readonly groupIds: readonly string[] }): Promise<{
    readonly groups: readonly { readonly members: readonly { readonly memberId: string; readonly clientId: string }[] }[];
  }>;
  heartbeat(request: { readonly groupId: string; readonly groupGenerationId: number; readonly memberId: string }): Promise<unknown>;
  leaveGroup(request: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
  offsetFetch(request: { readonly groupId: string; readonly topics: readonly TopicOf<{ readonly partition: number }>[] }): Promise<{
    readonly responses: readonly TopicOf<{ readonly partition: number; readonly offset: string }>[];
  }>;
  offsetCommit(request: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly TopicOf<{ readonly partition: number; readonly offset: string }>[];
  }): Promise<unknown>;
  createAcls(request: { readonly acl: readonly AclEntry[] }): Promise<unknown>;
  deleteAcls(request: { readonly filters: readonly AclEntry[] }): Promise<unknown>;
  describeAcls(filter: {
    readonly resourceType: number;
    readonly resourceName: string | null;
    readonly resourcePatternType: number;
    readonly principal: string;
    readonly host: string | null;
    readonly operation: number;
    readonly permissionType: number;
  }): Promise<{
    readonly resources: readonly (Pick<AclEntry, 'resourceType' | 'resourceName' | 'resourcePatternType'> & {
      readonly acls: readonly Pick<AclEntry, 'principal' | 'host' | 'operation' | 'permissionType'>[];
    })[];
  }>;
  /** For requests that kafkajs has no method for. */
  readonly connectionPool: { send<T>(request: ProtocolRequest<T>): Promise<T> };
  alterPartitionReassignments(request: {
    readonly topics: readonly {
      readonly topic: string;
      readonly partitionAssignment: readonly { readonly partition: number; readonly replicas: readonly number[] }[];
    }[];
    readonly timeout: number;
  }): Promise<unknown>;
  createTopics(request: { readonly topics: readonly TopicCreation[]; readonly timeout: number }): Promise<unknown>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  findBroker(node: { readonly nodeId: number | string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Broker>;
  getNodeIds(): readonly string[];
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromTimestamp: number;
    }[],
  ): Promise<readonly TopicOf<{ readonly partition: number; readonly offset: string }>[]>;
}

interface ClusterOptions {
  readonly [option: string]: unknown;
}

interface MetadataCodec<T> {
  encode(value: T): Buffer;
  decode(buffer: Buffer): T | null;
}

const ClusterClass = load('kafkajs/src/cluster/index.js') as new (options: ClusterOptions) => Cluster;
const { createLogger } = load('kafkajs/src/loggers/index.js') as { createLogger: (options: unknown) => unknown };
const codecs = load('kafkajs/src/consumer/assignerProtocol.js') as {
  MemberMetadata: MetadataCodec<{ readonly version: number; readonly topics: readonly string[]; readonly userData: Buffer }>;
  MemberAssignment: MetadataCodec<{
    readonly version: number;
    readonly assignment: Readonly<Record<string, readonly number[]>>;
    readonly userData: Buffer;
  }>;
};

export const { MemberMetadata, MemberAssignment } = codecs;

/*
 * kafkajs schedules its check of waiting requests again and again with a negative delay even when none waits: every connection of an idle
 * process wakes once a millisecond (3-4 % of a core, and a warning from Node 24). The check is needed only while one waits.
 */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}
const queue = (load('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue }).prototype;
/** ms between two checks of a full connection, as in kafkajs. */
const PENDING_CHECK = 10;
queue.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    Math.max(PENDING_CHECK, this.throttledUntil - Date.now()),
  );
};

/** ms until a TCP or TLS connection stands. */
const CONNECTION_TIMEOUT = 1_000;
/** ms between keep-alive packets. */
const KEEP_ALIVE = 30_000;

export interface ClusterSettings {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly security?: ClientSecurity | undefined;
}

/** A cluster client of its own connections; `abandon` closes them at once, whatever a frozen broker still owes. */
export function createCluster(settings: ClusterSettings, log: (message: string) => void): { cluster: Cluster; abandon: () => void } {
  const { security } = settings;
  const sockets = new Set<Socket>();
  let abandoned = false;
  const socketFactory = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
    // kafkajs would connect again for whatever still runs in an abandoned client, and send long after everybody gave that up.
    if (abandoned) return new Socket().destroy(new Error('client abandoned'));
    const socket = security
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...security.tls() }, onConnect)
      : connectTcp({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE);
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const logCreator =
    () =>
    ({ log: line }: { log: { message: string } }) =>
      log(line.message);
  const cluster = new ClusterClass({
    logger: createLogger({ level: 1, logCreator }),
    socketFactory,
    brokers: settings.brokers,
    ssl: security ? {} : null,
    sasl: security?.sasl ?? null,
    clientId: settings.clientId,
    connectionTimeout: CONNECTION_TIMEOUT,
    authenticationTimeout: CONNECTION_TIMEOUT,
    reauthenticationThreshold: 10_000,
    requestTimeout: 3_000,
    // Every call races a deadline of its own (cluster-link.ts); kafkajs' check would wake each connection ten times a second.
    enforceRequestTimeout: false,
    metadataMaxAge: 300_000,
    retry: { retries: 1, initialRetryTime: 50, maxRetryTime: 200 },
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    isolationLevel: 0,
  });
  return {
    cluster,
    abandon() {
      abandoned = true;
      // An error rather than a plain close: kafkajs rejects what is in flight only then.
      for (const socket of sockets) socket.destroy(new Error('connection abandoned'));
      cluster.disconnect().catch(() => undefined);
    },
  };
}
