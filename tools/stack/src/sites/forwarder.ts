import { connect, createServer, type Server, type Socket } from 'node:net';

/** Connections one port carries at once: tools, tests and probes, never the load itself. */
const MOST_CONNECTIONS = 512;
/** A process that is frozen or restarting takes no connection; whoever asked has a deadline of its own. */
const CONNECT_DEADLINE_MS = 5_000;

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Makes ports of the places reachable at the same numbers of 127.0.0.1, so that every tool finds a stretched stack where it finds a plain one. */
export class Forwarder {
  readonly #servers = new Map<number, Server>();
  readonly #sockets = new Set<Socket>();

  /** Rejects when the port is taken. */
  async open(port: number, target: Target): Promise<void> {
    if (this.#servers.has(port)) return;
    const server = createServer((inner) => this.#join(inner, target));
    server.maxConnections = MOST_CONNECTIONS;
    this.#servers.set(port, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1' }, resolve);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#servers.values()].map((server) => new Promise((resolve) => server.close(resolve))));
    this.#servers.clear();
  }

  #join(inner: Socket, target: Target): void {
    const outer = connect(target);
    const timer = setTimeout(() => outer.destroy(), CONNECT_DEADLINE_MS);
    outer.once('connect', () => clearTimeout(timer));
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // The end of one is the end of the other; what failed shows to whoever asked as a closed connection.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    inner.pipe(outer);
    outer.pipe(inner);
  }
}
