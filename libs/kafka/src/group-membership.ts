import { ASSIGNERS, type Candidate } from './assigners.js';
import { REQUEST_DEADLINE, type ClusterLink } from './cluster-link.js';
import { kafkaErrorType } from './kafka-error.js';
import { isPredecessor } from './predecessor.js';
import { MemberAssignment, MemberMetadata, type Broker, type Cluster } from './kafkajs-internals.js';

/** ms without a heartbeat after which the group gives a member's partitions away. */
export const SESSION_TIMEOUT = 10_000;
/**
 * ms the group waits for its members to join again: a drain (5 s) fits, and a member that was killed holds a join up no longer
 * than its session would.
 */
export const REBALANCE_TIMEOUT = SESSION_TIMEOUT;
/** Part of the session in which a lease counts: the rest covers what is already on the wire. */
const LEASE_PART = 0.8;
/** ms a leave may take: the group finds out by itself otherwise. */
const LEAVE_DEADLINE = 1_500;
/** Version of the consumer protocol's envelope around topics and user data. */
const PROTOCOL_VERSION = 1;

export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a join answered. */
export interface Joined {
  readonly generation: number;
  readonly partitions: readonly AssignedPartition[];
}

interface Owned {
  readonly owned: readonly number[];
  readonly generation: number;
}

/** One member's side of the group protocol; it keeps its member id over lost connections, so that a new client is no new member. */
export class GroupMembership {
  readonly #link: ClusterLink;
  readonly #group: string;
  readonly #assigner: (typeof ASSIGNERS)['copartition'];
  #memberId = '';
  #generation = -1;
  #owned: readonly number[] = [];
  /** Monotonic ms of the sending of the last request that renewed the session; -Infinity when not in the group. */
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(link: ClusterLink, group: string, assigner: keyof typeof ASSIGNERS) {
    this.#link = link;
    this.#group = group;
    this.#assigner = ASSIGNERS[assigner];
  }

  /** True while nobody else can have been given this member's partitions. */
  leaseValid(): boolean {
    return performance.now() - this.#renewedAt < SESSION_TIMEOUT * LEASE_PART;
  }

  /** The lease ends before the next join begins: nothing may be sent while partitions change hands. */
  endLease(): void {
    this.#renewedAt = Number.NEGATIVE_INFINITY;
  }

  /** Joins, or joins again, and takes part in the assignment; rejects with the error to be tried again after. */
  async join(topics: readonly string[]): Promise<Joined> {
    try {
      // Two waits of the group (join and sync) and the round trips.
      return await this.#link.call('join group', REBALANCE_TIMEOUT + 2 * REQUEST_DEADLINE, (cluster) => this.#joinAndSync(cluster, topics));
    } catch (error) {
      this.forget(error);
      throw error;
    }
  }

  /** Takes dead earlier processes of this instance out of the group, which would hold up the join for a session; answers how many. */
  async evictPredecessors(): Promise<number> {
    return this.#coordinated('describe group', REQUEST_DEADLINE, async (coordinator) => {
      const { groups } = await coordinator.describeGroups({ groupIds: [this.#group] });
      const dead = groups.flatMap(({ members }) => members.filter((member) => isPredecessor(this.#link.clientId, member.clientId)));
      for (const { memberId } of dead) await coordinator.leaveGroup({ groupId: this.#group, memberId });
      return dead.length;
    });
  }

  async heartbeat(): Promise<void> {
    const sentAt = performance.now();
    await this.#coordinated('heartbeat', REQUEST_DEADLINE, (coordinator) =>
      coordinator.heartbeat({ groupId: this.#group, groupGenerationId: this.#generation, memberId: this.#memberId }),
    );
    this.#renewedAt = sentAt;
  }

  /** Commits next offsets under this member's generation; rejects when the group has moved on. */
  async commit(offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]): Promise<void> {
    const topics = byTopic(offsets).map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }));
    await this.#coordinated('commit', REQUEST_DEADLINE, (coordinator) =>
      coordinator.offsetCommit({ groupId: this.#group, groupGenerationId: this.#generation, memberId: this.#memberId, topics }),
    );
  }

  /** Committed next offsets; -1 where nothing was committed. */
  async committed(places: readonly AssignedPartition[]): Promise<{ topic: string; partition: number; offset: number }[]> {
    if (places.length === 0) return [];
    const topics = byTopic(places).map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition })),
    }));
    const { responses } = await this.#coordinated('committed offsets', REQUEST_DEADLINE, (coordinator) =>
      coordinator.offsetFetch({ groupId: this.#group, topics }),
    );
    return responses.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })),
    );
  }

  async leave(): Promise<void> {
    this.endLease();
    if (this.#memberId === '') return;
    const memberId = this.#memberId;
    this.#memberId = '';
    await this.#coordinated('leave group', LEAVE_DEADLINE, (coordinator) => coordinator.leaveGroup({ groupId: this.#group, memberId }));
  }

  /** Whether the error says that this member is out of its generation and must join again. */
  static mustRejoin(error: unknown): boolean {
    return ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(kafkaErrorType(error));
  }

  /** Drops the member id when the group does not know it any more. */
  forget(error: unknown): void {
    if (kafkaErrorType(error) !== 'UNKNOWN_MEMBER_ID') return;
    this.#memberId = '';
    this.#owned = [];
  }

  async #coordinated<T>(what: string, deadline: number, body: (coordinator: Broker) => Promise<T>): Promise<T> {
    return this.#link.call(what, deadline, async (cluster) => body(await this.#coordinator(cluster)));
  }

  #coordinatorOf: { cluster: Cluster; broker: Promise<Broker> } | undefined;

  /** Found once a client: an error that could mean another coordinator discards the client. */
  #coordinator(cluster: Cluster): Promise<Broker> {
    if (this.#coordinatorOf?.cluster !== cluster) {
      const broker = cluster.findGroupCoordinator({ groupId: this.#group });
      this.#coordinatorOf = { cluster, broker };
      broker.catch(() => {
        if (this.#coordinatorOf?.broker === broker) this.#coordinatorOf = undefined;
      });
    }
    return this.#coordinatorOf.broker;
  }

  async #joinAndSync(cluster: Cluster, topics: readonly string[]): Promise<Joined> {
    await this.#link.watch(cluster, topics);
    const coordinator = await this.#coordinator(cluster);
    const userData = Buffer.from(JSON.stringify({ owned: this.#owned, generation: this.#generation } satisfies Owned));
    const joined = await coordinator.joinGroup({
      groupId: this.#group,
      sessionTimeout: SESSION_TIMEOUT,
      rebalanceTimeout: REBALANCE_TIMEOUT,
      memberId: this.#memberId,
      groupProtocols: [{ name: this.#assigner.protocol, metadata: MemberMetadata.encode({ version: PROTOCOL_VERSION, topics, userData }) }],
    });
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    const sentAt = performance.now();
    const { memberAssignment } = await coordinator.syncGroup({
      groupId: this.#group,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment: joined.leaderId === joined.memberId ? await this.#assign(cluster, joined.members) : [],
    });
    const assignment = MemberAssignment.decode(memberAssignment)?.assignment ?? {};
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })));
    this.#owned = [...new Set(partitions.map(({ partition }) => partition))];
    this.#renewedAt = sentAt;
    return { generation: joined.generationId, partitions };
  }

  /** The leader's work: members may be subscribed to different topics, so the metadata of all of them is read first. */
  async #assign(
    cluster: Cluster,
    members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[],
  ): Promise<{ memberId: string; memberAssignment: Buffer }[]> {
    const candidates = members.map(({ memberId, memberMetadata }): Candidate => {
      const metadata = MemberMetadata.decode(memberMetadata);
      return { id: memberId, topics: metadata?.topics ?? [], ...readOwned(metadata?.userData) };
    });
    const topics = [...new Set(candidates.flatMap((candidate) => candidate.topics))];
    await this.#link.watch(cluster, topics);
    await cluster.refreshMetadata();
    const partitions = new Map(topics.map((topic) => [topic, this.#link.partitions(cluster, topic)]));
    return [...this.#assigner.assign(candidates, partitions)].map(([memberId, assigned]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: PROTOCOL_VERSION,
        assignment: Object.fromEntries(assigned),
        userData: Buffer.alloc(0),
      }),
    }));
  }
}

/** What a member says it held; nothing when it says so in another way. */
function readOwned(userData: Buffer | undefined): Owned {
  try {
    const { owned, generation } = JSON.parse(userData?.toString() ?? '') as Partial<Owned>;
    if (Array.isArray(owned) && owned.every(Number.isInteger) && Number.isInteger(generation))
      return { owned, generation: generation ?? -1 };
  } catch {
    // A member of another build: it just held nothing.
  }
  return { owned: [], generation: -1 };
}

function byTopic<P extends AssignedPartition>(places: readonly P[]): [string, P[]][] {
  const topics = new Map<string, P[]>();
  for (const place of places) topics.set(place.topic, [...(topics.get(place.topic) ?? []), place]);
  return [...topics];
}
