/** One member of a group as its leader sees it. */
export interface Candidate {
  readonly id: string;
  readonly topics: readonly string[];
  /** Partition numbers it held before this join, with the generation it held them in. */
  readonly owned: readonly number[];
  readonly generation: number;
}

/** Member id -> topic -> partitions. */
export type Assignment = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

type Assigner = (candidates: readonly Candidate[], partitions: ReadonlyMap<string, readonly number[]>) => Assignment;

/** Both names are part of the group protocol: members must agree on them, and a change of the algorithm takes a new name. */
export const ASSIGNERS: Readonly<Record<'copartition' | 'round-robin', { readonly protocol: string; readonly assign: Assigner }>> = {
  copartition: { protocol: 'tocsin-copartition-1', assign: copartition },
  'round-robin': { protocol: 'tocsin-round-robin-1', assign: roundRobin },
};

/**
 * Partition k of every topic goes to the same member, among those subscribed to the topic. Members keep what they held as far as an even
 * spread allows: each move costs a drain, and a share's new owner has to read the attempts first.
 */
export function copartition(candidates: readonly Candidate[], partitions: ReadonlyMap<string, readonly number[]>): Assignment {
  const members = byId(candidates);
  const numbers = [...new Set([...partitions.values()].flat())].sort((a, b) => a - b);
  const owners = ownerOfEach(members, numbers);
  const assignment = emptyAssignment(members);
  for (const [topic, present] of partitions) {
    const subscribed = members.filter((member) => member.topics.includes(topic));
    if (subscribed.length === 0) continue;
    for (const number of present) {
      const owner = owners.get(number);
      const taker = subscribed.find((member) => member.id === owner) ?? subscribed[number % subscribed.length];
      if (taker) give(assignment, taker.id, topic, number);
    }
  }
  return assignment;
}

/** Partitions of all topics in turn over the members subscribed to each. */
export function roundRobin(candidates: readonly Candidate[], partitions: ReadonlyMap<string, readonly number[]>): Assignment {
  const members = byId(candidates);
  const assignment = emptyAssignment(members);
  let turn = 0;
  for (const topic of [...partitions.keys()].sort()) {
    const subscribed = members.filter((member) => member.topics.includes(topic));
    for (const number of partitions.get(topic) ?? []) {
      const taker = subscribed[turn++ % subscribed.length];
      if (taker) give(assignment, taker.id, topic, number);
    }
  }
  return assignment;
}

function ownerOfEach(members: readonly Candidate[], numbers: readonly number[]): Map<number, string> {
  const owners = new Map<number, string>();
  if (members.length === 0) return owners;
  const held = claims(members, numbers);
  const least = Math.floor(numbers.length / members.length);
  let more = numbers.length % members.length;
  const counts = new Map<string, number>();
  // Those who held most keep the larger parts, so that least moves.
  const bySize = [...members].sort((a, b) => (held.get(b.id)?.length ?? 0) - (held.get(a.id)?.length ?? 0) || order(a.id, b.id));
  for (const member of bySize) {
    const claimed = held.get(member.id) ?? [];
    const quota = claimed.length > least && more > 0 ? least + 1 : least;
    if (quota > least) more--;
    const kept = Math.min(quota, claimed.length);
    for (let index = 0; index < kept; index++) {
      // Every second of six rather than the first three: topics with fewer partitions are spread as well.
      const number = claimed[Math.floor((index * claimed.length) / kept)];
      if (number !== undefined) owners.set(number, member.id);
    }
    counts.set(member.id, kept);
  }
  for (const number of numbers) {
    if (owners.has(number)) continue;
    const next = members.reduce((best, member) => ((counts.get(member.id) ?? 0) < (counts.get(best.id) ?? 0) ? member : best));
    owners.set(number, next.id);
    counts.set(next.id, (counts.get(next.id) ?? 0) + 1);
  }
  return owners;
}

/** What each member may rightly claim: of two claims on one number the younger generation's is true, then the lower id's. */
function claims(members: readonly Candidate[], numbers: readonly number[]): Map<string, number[]> {
  const known = new Set(numbers);
  const claimants = new Map<number, Candidate>();
  for (const member of members) {
    for (const number of member.owned) {
      const rival = claimants.get(number);
      if (known.has(number) && (!rival || rival.generation < member.generation)) claimants.set(number, member);
    }
  }
  const held = new Map<string, number[]>();
  for (const [number, member] of claimants) held.set(member.id, [...(held.get(member.id) ?? []), number]);
  for (const claimed of held.values()) claimed.sort((a, b) => a - b);
  return held;
}

function byId(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort((a, b) => order(a.id, b.id));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function emptyAssignment(members: readonly Candidate[]): Map<string, Map<string, number[]>> {
  return new Map(members.map((member) => [member.id, new Map()]));
}

function give(assignment: Map<string, Map<string, number[]>>, member: string, topic: string, number: number): void {
  const topics = assignment.get(member);
  if (!topics) return;
  const numbers = topics.get(topic) ?? [];
  numbers.push(number);
  topics.set(topic, numbers);
}
