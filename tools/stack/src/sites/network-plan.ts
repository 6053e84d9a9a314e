import { PLACE_NAMES, type LinkEnds, type PlaceName } from './links.js';

/** A program with its arguments. */
export type Words = readonly string[];

export interface PlannedPlace {
  readonly name: PlaceName;
  readonly namespace: string;
  /** Its port of the bridge. */
  readonly port: string;
  /** Its address towards the other places, in 127/8. */
  readonly host: string;
  /** Where the machine itself reaches it; no place can be reached from another one there. */
  readonly outer: string;
}

export interface NetworkPlan {
  readonly places: Readonly<Record<PlaceName, PlannedPlace>>;
  readonly namespaces: readonly string[];
  /** The machine's own end of the link to the bridge. */
  readonly rootLink: string;
  /** Put before a command that runs where the bridge is. */
  readonly inFabric: Words;
  /** In this order. */
  readonly setUp: readonly Words[];
  /** The packet filters that make a link vanish: '-I' puts them, '-D' takes them away. */
  filters(link: LinkEnds, action: '-I' | '-D'): readonly Words[];
}

const PREFIX_LENGTH = 24;
const ROOT_NUMBER = 254;
/** Where programs listen that know no other address. */
const INNER = '127.0.0.1';

/** Names and addresses follow from the stack's first port, so that several stacks stand side by side and a start finds what a killed one left; pure. */
export function networkPlan(firstPort: number, storePort: number): NetworkPlan {
  const subnet = `${firstPort >> 8}.${firstPort & 255}`;
  const stem = `tocsin-${firstPort}`;
  const fabric = `${stem}-net`;
  const rootLink = `tocsin${firstPort}`;
  const places = Object.fromEntries(
    PLACE_NAMES.map((name, index): [PlaceName, PlannedPlace] => [
      name,
      {
        name,
        namespace: `${stem}-${name.toLowerCase()}`,
        port: `port-${name.toLowerCase()}`,
        host: `127.${subnet}.${index + 1}`,
        outer: `10.${subnet}.${index + 1}`,
      },
    ]),
  ) as Record<PlaceName, PlannedPlace>;
  const inFabric = ['ip', 'netns', 'exec', fabric];
  return {
    places,
    namespaces: [...PLACE_NAMES.map((name) => places[name].namespace), fabric],
    rootLink,
    inFabric,
    setUp: [
      ['ip', 'netns', 'add', fabric],
      // A host that filters what its bridges forward must not decide about ours.
      ['ip', '-n', fabric, 'link', 'add', 'br0', 'type', 'bridge'],
      ['ip', '-n', fabric, 'link', 'set', 'br0', 'up'],
      ['ip', 'link', 'add', rootLink, 'type', 'veth', 'peer', 'name', 'root', 'netns', fabric],
      ['ip', '-n', fabric, 'link', 'set', 'root', 'master', 'br0', 'up'],
      ['ip', 'addr', 'add', `10.${subnet}.${ROOT_NUMBER}/${PREFIX_LENGTH}`, 'dev', rootLink],
      ['ip', 'link', 'set', rootLink, 'up'],
      ...PLACE_NAMES.flatMap((name) => placeSetUp(places[name], fabric, storePort)),
    ],
    filters: ({ from, to, storeOnly }, action) =>
      storeOnly
        ? filterPair(places[from], places[to], action, storePort)
        : [...filterPair(places[from], places[to], action), ...filterPair(places[to], places[from], action)],
  };
}

function placeSetUp({ name, namespace, port, host, outer }: PlannedPlace, fabric: string, storePort: number): readonly Words[] {
  const inside = ['ip', 'netns', 'exec', namespace];
  const nat = (...match: readonly string[]): Words => [...inside, 'iptables', '-w', '-t', 'nat', '-A', 'PREROUTING', ...match];
  return [
    ['ip', 'netns', 'add', namespace],
    // Packets of 127/8 may come and go by the wire here; both settings hold in this namespace alone.
    [
      ...inside,
      'sysctl',
      '-qw',
      ...['all', 'default'].flatMap((what) => [`net.ipv4.conf.${what}.route_localnet=1`, `net.ipv4.conf.${what}.rp_filter=0`]),
    ],
    ['ip', '-n', fabric, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace],
    ['ip', '-n', fabric, 'link', 'set', port, 'master', 'br0', 'up'],
    ['ip', '-n', namespace, 'link', 'set', 'lo', 'up'],
    ['ip', '-n', namespace, 'link', 'set', 'eth0', 'up'],
    // Of 127/8 only one address stays on its own loopback: the rest lies behind the wire.
    ['ip', '-n', namespace, 'addr', 'del', '127.0.0.1/8', 'dev', 'lo'],
    ['ip', '-n', namespace, 'addr', 'add', `${INNER}/32`, 'dev', 'lo'],
    ['ip', '-n', namespace, 'addr', 'add', `${host}/${PREFIX_LENGTH}`, 'scope', 'global', 'dev', 'eth0'],
    ['ip', '-n', namespace, 'addr', 'add', `${outer}/${PREFIX_LENGTH}`, 'dev', 'eth0'],
    // Stand-ins and the embedded store listen on plain loopback and nowhere else.
    ...(name === 'provider' ? [host, outer].map((to) => nat('-d', to, '-j', 'DNAT', '--to-destination', INNER)) : []),
    ...(name === 'W'
      ? [host, outer].map((to) => nat('-d', to, '-p', 'tcp', '--dport', String(storePort), '-j', 'DNAT', '--to-destination', INNER))
      : []),
    ...(name === 'provider' ? [] : [nat('-d', outer, '-j', 'DNAT', '--to-destination', host)]),
  ];
}

function filterPair(at: PlannedPlace, peer: PlannedPlace, action: '-I' | '-D', storePort?: number): readonly Words[] {
  const port = (flag: string): Words => (storePort === undefined ? [] : ['-p', 'tcp', flag, String(storePort)]);
  const filter = (...match: readonly string[]): Words => [
    ...`ip netns exec ${at.namespace} iptables -w ${action}`.split(' '),
    ...match,
    '-j',
    'DROP',
  ];
  return [filter('OUTPUT', '-d', peer.host, ...port('--dport')), filter('INPUT', '-s', peer.host, ...port('--sport'))];
}
