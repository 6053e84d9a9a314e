/** One node of a .cpuprofile's tree, as far as it is read. */
interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** A .cpuprofile of Chrome's developer tools. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[];
  /** µs before each sample. */
  readonly timeDeltas?: readonly number[];
}

/** Our client of Kafka and the protocol layer it stands on. */
const CLIENT_LIBRARY = /\/(?:libs\/kafka|node_modules\/(?:@tocsin\/kafka|kafkajs))\//;

/**
 * Part (0 to 1) of a process' busy time that its Kafka client takes: each sample belongs to the nearest function with a file of its own, so that a system call or
 * a timer belongs to whoever asked for it. What the engine does for everybody (collecting garbage, the event loop) belongs to nobody and stays in the whole.
 */
export function clientLibraryPart({ nodes, samples = [], timeDeltas = [] }: CpuProfile): number {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child): [number, number] => [child, node.id])));
  const owns = new Map<number, boolean>();
  for (const { id } of nodes) owns.set(id, CLIENT_LIBRARY.test(ownerOf(id, byId, parents)));
  let busy = 0;
  let own = 0;
  samples.forEach((id, at) => {
    if (byId.get(id)?.callFrame.functionName === '(idle)') return;
    const micros = timeDeltas[at] ?? 0;
    busy += micros;
    if (owns.get(id) === true) own += micros;
  });
  return busy === 0 ? 0 : own / busy;
}

/** File of the nearest function that has one, Node's own aside; '' where there is none. */
function ownerOf(leaf: number, byId: ReadonlyMap<number, ProfileNode>, parents: ReadonlyMap<number, number>): string {
  for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
    const url = byId.get(id)?.callFrame.url ?? '';
    if (url !== '' && !url.startsWith('node:')) return url;
  }
  return '';
}
