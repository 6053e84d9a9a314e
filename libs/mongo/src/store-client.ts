import mongoose, { type Connection } from 'mongoose';
import type { Logger } from '@tocsin/observability';
import { stampOf, watchFiles } from '@tocsin/sealing';
import { filesOf, storeLogin, type StoreAddress, type StoreSecurity } from './store-address.js';

/** Milliseconds to find a server; a caller's own deadline is 5 s and must not be spent here. */
const SERVER_SELECTION_MS = 3_000;
/** Milliseconds to open a socket, and for a heartbeat to answer. */
const CONNECT_MS = 2_000;
/** Milliseconds a socket may stay silent in a command before it is thrown away; above the command deadline. */
const SOCKET_MS = 20_000;
/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 2_000;
/** Sockets of one process; the embedded store runs one command at a time anyway. */
const POOL = 12;
/** Milliseconds a write may wait for a majority of the replica set. */
const MAJORITY_MS = 4_000;
/** Milliseconds a client that was replaced stays for the commands it has under way: beyond the longest of them. */
const REPLACED_MS = 60_000;
/** Milliseconds between two tries to come in with new files: the store may learn of a new password after us. */
const RENEW_AGAIN_MS = 250;
/** Milliseconds after a refused connection in which failures of others are put down to it. */
const REFUSED_MS = 2_000;

/**
 * The driver's client of one database. When a certificate or password file is replaced, a new client is made of the new files and takes over as soon as the
 * store has let it in; the one before finishes what it has under way.
 */
export class StoreClient {
  #current: Connection | undefined;
  #closed = false;
  #stopWatching: () => void = () => undefined;
  #renewing: Promise<void> | undefined;
  /** Of the files the current client was made of. */
  #stamp = '';
  /** Monotonic ms. */
  #refusedAt = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Replaced clients on their way out. */
  readonly #leaving = new Map<Connection, NodeJS.Timeout>();

  private constructor(
    private readonly address: StoreAddress,
    private readonly database: string,
    private readonly logger: Logger,
  ) {}

  /** Opens the first client; rejects with what the driver says when no server lets it in within 3 s. */
  static async open(address: StoreAddress, database: string, logger: Logger): Promise<StoreClient> {
    const client = new StoreClient(address, database, logger);
    const { security } = address;
    if (security) client.#stamp = stampOf(filesOf(security));
    client.#current = await client.#connect();
    if (security) client.#stopWatching = watchFiles(filesOf(security), () => void client.#renew());
    return client;
  }

  /** To be asked for each command: it changes when files are replaced. */
  get current(): Connection {
    if (this.#current === undefined) throw new Error('the store is asked before it is open');
    return this.#current;
  }

  /**
   * Asked about a command that never left this process because the store let no new connection in: resolves true once a client of the files as they are now is in
   * place, and the command may be tried again; false when passwords and certificates have nothing to do with it.
   */
  async letInAgain(refused: boolean, since: number): Promise<boolean> {
    const { security } = this.address;
    if (!security || this.#closed) return false;
    const now = performance.now();
    if (refused) this.#refusedAt = now;
    // One refused connection makes the driver drop its others: what waited for them fails with it.
    const concerned =
      now - this.#refusedAt < REFUSED_MS || this.#renewing !== undefined || this.#renewedAt > since || this.#stale(security);
    if (!concerned) return false;
    if (this.#renewedAt < since || this.#stale(security)) await this.#renew();
    return !this.#closed;
  }

  healthy(): boolean {
    return this.#current?.readyState === mongoose.ConnectionStates.connected;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWatching();
    const left = [...this.#leaving];
    this.#leaving.clear();
    left.forEach(([, timer]) => clearTimeout(timer));
    await Promise.all([...left.map(([connection]) => connection.destroy()), this.#current?.destroy()]);
  }

  async #connect(): Promise<Connection> {
    const { uri, security } = this.address;
    const connection = mongoose.createConnection(uri, {
      dbName: this.database,
      bufferCommands: false,
      autoCreate: false,
      autoIndex: false,
      serverSelectionTimeoutMS: SERVER_SELECTION_MS,
      connectTimeoutMS: CONNECT_MS,
      socketTimeoutMS: SOCKET_MS,
      heartbeatFrequencyMS: HEARTBEAT_MS,
      serverMonitoringMode: 'poll',
      maxPoolSize: POOL,
      waitQueueTimeoutMS: SERVER_SELECTION_MS,
      writeConcern: { w: 'majority', wtimeoutMS: MAJORITY_MS },
      promoteBuffers: true,
      ignoreUndefined: true,
      appName: `tocsin-${this.database}`,
      ...(security && storeLogin(security)),
    });
    connection.on('error', (error: Error) => this.logger.warn('store.error', { error: error.name }));
    connection.on('disconnected', () => this.#closed || this.#leaving.has(connection) || this.logger.warn('store.disconnected'));
    connection.on('reconnected', () => this.logger.info('store.reconnected'));
    try {
      return await connection.asPromise();
    } catch (error) {
      await connection.destroy().catch(() => undefined);
      throw error;
    }
  }

  #stale(security: StoreSecurity): boolean {
    return stampOf(filesOf(security)) !== this.#stamp;
  }

  #renew(): Promise<void> {
    this.#renewing ??= (async () => {
      while (!this.#closed && !(await this.#takeOver())) await new Promise((resolve) => setTimeout(resolve, RENEW_AGAIN_MS));
      this.#renewing = undefined;
    })();
    return this.#renewing;
  }

  /** Answers whether a client of the new files is in place. */
  async #takeOver(): Promise<boolean> {
    const { security } = this.address;
    const stamp = security ? stampOf(filesOf(security)) : '';
    try {
      const fresh = await this.#connect();
      const before = this.#current;
      if (this.#closed) {
        await fresh.destroy();
        return true;
      }
      this.#current = fresh;
      this.#stamp = stamp;
      this.#renewedAt = performance.now();
      if (before) {
        const leave = (): void => {
          this.#leaving.delete(before);
          before.destroy().catch(() => undefined);
        };
        this.#leaving.set(before, setTimeout(leave, REPLACED_MS).unref());
      }
      this.logger.info('store.renewed');
      return true;
    } catch (error) {
      this.logger.warn('store.renew-failed', { error: error instanceof Error ? error.name : String(error) });
      return false;
    }
  }
}
