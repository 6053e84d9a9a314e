import type { Layout } from '../stack/layout.js';
import type { StackPaths } from '../stack/paths.js';
import { firstPort, GROUND_OFFSETS, SECOND_INSTANCE_OFFSET } from '../stack/port-plan.js';
import { ledgerFile, type PlannedProcess } from '../stack/process-plan.js';
import { Supervisor, type SupervisorEvents } from '../stack/supervisor.js';
import { drainSite, returnSite } from './drain-site.js';
import { Fabric } from './fabric.js';
import { promoteOnStack } from './promote-stack.js';
import { RACKS, type LinkName, type PlaceName, type SiteName } from './links.js';
import { brokerName, STORE_NAME } from './sites-ground.js';
import { SitesLayout } from './sites-layout.js';

/** ms a process may take to answer with its metrics. */
const SCRAPE_DEADLINE_MS = 3_000;

/** ms a process that is lost for good is not started again: longer than any run. */
const LOST_MS = 86_400_000;

export interface SitesProcess {
  /** "channel-sms" at A, "channel-sms-2" at B, "kafka-W", "document store", "stand-in-sms". */
  readonly name: string;
  readonly place: PlaceName;
  readonly kind: 'service' | 'stand-in' | 'broker' | 'store';
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Port of its probes at 127.0.0.1; undefined for the ground. */
  readonly httpPort: number | undefined;
}

/** Two sites and a witness on this machine, of which any process, site or link can be taken away and given back. */
export class SitesStack {
  readonly supervisor: Supervisor;
  readonly fabric: Fabric;
  readonly #firstPort: number;

  /** TOCSIN_STACK_PORTS_FROM of env names it: ports, namespaces and addresses follow. */
  constructor(
    readonly paths: StackPaths,
    env: NodeJS.ProcessEnv,
    events: SupervisorEvents,
    /** More of the environment a service is started with. */
    environment?: NonNullable<Layout['environment']>,
  ) {
    this.#firstPort = firstPort(env);
    this.fabric = new Fabric(this.#firstPort, this.#firstPort + GROUND_OFFSETS.store);
    this.supervisor = new Supervisor(paths, env, events, true, new SitesLayout(this.fabric, environment));
  }

  /** Resolves when every process is ready; throws one sentence where this machine has no network namespaces. */
  async start(): Promise<void> {
    await this.supervisor.startGround();
    await this.supervisor.startServices();
  }

  /** Thaws, heals, drains and removes the network; calling it again waits for the same end. */
  async stop(): Promise<void> {
    await this.fabric.healAll().catch(() => undefined);
    await this.supervisor.stop();
  }

  processes(): readonly SitesProcess[] {
    const ground = [
      ...RACKS.map((rack) => ({ name: brokerName(rack), place: rack, kind: 'broker' as const })),
      { name: STORE_NAME, place: 'W' as const, kind: 'store' as const },
    ];
    return [
      ...ground.map((one) => ({ ...one, pid: this.supervisor.pid(one.name), httpPort: undefined })),
      ...this.supervisor.planned().map(({ name, place, kind, httpPort }: PlannedProcess) => ({
        name,
        place: place.name as PlaceName,
        kind,
        pid: this.supervisor.pid(name),
        httpPort,
      })),
    ];
  }

  /** Where a broker or the store is reached from outside of the places. */
  groundAt(name: string): { readonly host: string; readonly port: number } {
    const rack = RACKS.find((one) => brokerName(one) === name) ?? 'W';
    const offset = name === STORE_NAME ? GROUND_OFFSETS.store : GROUND_OFFSETS.kafka;
    return { host: this.fabric.place(rack).outer, port: this.#firstPort + offset };
  }

  /** What runs at a site: its broker and every service. */
  processesOf(site: PlaceName): readonly SitesProcess[] {
    return this.processes().filter(({ place }) => place === site);
  }

  /** kill -9; it is started again after `downForMs` milliseconds, or at once with back-off. False when it does not run. */
  kill(name: string, downForMs = 0): boolean {
    return this.supervisor.kill(name, downForMs);
  }

  freeze(name: string): boolean {
    return this.supervisor.signal(name, 'SIGSTOP');
  }

  thaw(name: string): boolean {
    return this.supervisor.signal(name, 'SIGCONT');
  }

  /** kill -9 of everything of a site, which stays away for `downForMs` milliseconds. */
  killSite(site: PlaceName, downForMs: number): void {
    for (const { name } of this.processesOf(site)) this.kill(name, downForMs);
  }

  freezeSite(site: PlaceName): void {
    for (const { name } of this.processesOf(site)) this.freeze(name);
  }

  thawSite(site: PlaceName): void {
    for (const { name } of this.processesOf(site)) this.thaw(name);
  }

  cut(link: LinkName): Promise<void> {
    return this.fabric.cut(link);
  }

  heal(link: LinkName): Promise<void> {
    return this.fabric.heal(link);
  }

  /** Lets at most this many kilobits a second through to a place, those of our own probes included. */
  narrow(place: PlaceName, kilobits: number): Promise<void> {
    return this.fabric.narrow(place, kilobits);
  }

  widen(place: PlaceName): Promise<void> {
    return this.fabric.widen(place);
  }

  healAll(): Promise<void> {
    return this.fabric.healAll();
  }

  /** Takes a site out of service with no interruption: its services drain one by one, then its broker hands its partitions over; nothing of it runs after. */
  drainSite(site: SiteName): Promise<void> {
    return drainSite(this, site);
  }

  /** Gives a drained site back its broker, then its services; resolves when all copies are in sync and everything is ready. */
  returnSite(site: SiteName): Promise<void> {
    return returnSite(this, site);
  }

  /** kill -9 of everything of these places but the store, for good: nothing starts it again until it is brought back. */
  async loseForGood(places: readonly PlaceName[]): Promise<void> {
    const lost = this.processes().filter(({ place, kind }) => places.includes(place) && kind !== 'store');
    for (const { name } of lost) this.kill(name, LOST_MS);
    await Promise.all(lost.map(({ name }) => this.supervisor.setAside(name)));
  }

  /** Makes the only site left the whole platform, by hand; the brokers of the others must have ended. */
  async promoteSite(site: SiteName, epoch: number): Promise<void> {
    await promoteOnStack(this, site, epoch);
  }

  /** host:port of a site's public gRPC API, as reached from this machine. */
  gatewayAddress(site: SiteName): string {
    return `127.0.0.1:${this.supervisor.gatewayPort() + (site === 'A' ? 0 : SECOND_INSTANCE_OFFSET)}`;
  }

  /** What a process tells at /metrics; undefined while it does not answer. */
  async metrics(name: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.supervisor.httpPort(name)}/metrics`, {
        signal: AbortSignal.timeout(SCRAPE_DEADLINE_MS),
      });
      return answer.ok ? await answer.text() : undefined;
    } catch {
      return undefined;
    }
  }

  /** The stand-ins' own ledgers, by channel: the oracle. */
  ledgers(): ReadonlyMap<string, string> {
    return new Map(this.supervisor.channels.map((channel) => [channel.channel, ledgerFile(this.paths, channel)]));
  }

  /** For a program of ours that reaches Kafka and the store: where it runs and its settings. */
  tools(): { readonly place: Supervisor['layout']['tools']; readonly env: Readonly<Record<string, string>> } {
    return { place: this.supervisor.layout.tools, env: this.supervisor.toolSettings() };
  }
}
