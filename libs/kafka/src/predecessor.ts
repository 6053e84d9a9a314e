import { hostname } from 'node:os';

/** "<service>-<port>-<6 hex>": an instance named after the port it listens on. */
const NAMED_BY_PORT = /^(.+-\d{1,5})-[0-9a-f]{6}$/;
/** Says nothing about which machine this is. */
const NO_HOST = new Set(['', 'localhost']);

/** The name a client shows to the brokers: its instance and its machine. */
export function clientIdOf(instanceId: string, host = hostname()): string {
  return `${instanceId}@${host}`;
}

/**
 * Whether a client is an earlier process of the same instance: same service, same port, same machine, another start. As this process holds the
 * port, that one is dead, and the group need not wait for its session to end. Never for instances that are not named by a port.
 */
export function isPredecessor(own: string, other: string): boolean {
  const [mine, theirs] = [own, other].map(placeOf);
  return own !== other && mine !== undefined && mine === theirs;
}

function placeOf(clientId: string): string | undefined {
  const [instance = '', host = ''] = clientId.split('@', 2);
  const stable = NAMED_BY_PORT.exec(instance)?.[1];
  return stable === undefined || NO_HOST.has(host) ? undefined : `${stable}@${host}`;
}
