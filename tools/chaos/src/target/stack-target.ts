import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createObservability } from '@tocsin/observability';
import { waitUntil } from '@tocsin/testing';
import { openAdmin } from '../../../stack/dist/job/admin-key.js';
import { PartnerState } from '../../../stack/dist/job/partner-state.js';
import { SECOND_INSTANCE_OFFSET } from '../../../stack/dist/stack/port-plan.js';
import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import { endLeftovers } from '../../../stack/dist/stack/state-file.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import type { Ability } from '../plan/fault-kinds.js';
import type { Subjects } from '../plan/plan-faults.js';
import type { Clocks } from './clocks.js';
import type { SmallDisks } from './small-disks.js';
import type { LinkControl, Target, TargetProcess } from './target.js';

export const SERVICES = [
  'gateway',
  'tenants',
  'subscribers',
  'campaigns',
  'routing',
  'deliveries',
  'channel-sms',
  'channel-email',
] as const;
/** Both instances of every service, by name. */
export const INSTANCES = SERVICES.flatMap((name) => [name, `${name}-2`]);
export const CHANNEL_INSTANCES = INSTANCES.filter((name) => name.startsWith('channel-'));

/** A broker hands its partitions over before it ends: seconds, more on a busy machine. */
const RESTART_DEADLINE_MS = 120_000;
/** A broker is up in some 6 s and has caught up soon after; services do not tell whether it has. */
const BROKER_SETTLES_MS = 15_000;

/** A broker or a store that takes no connection for so long is not there, ms. */
const CONNECT_DEADLINE_MS = 1_000;

export interface StackParts {
  /** "single-host", "sites". */
  readonly kind: string;
  readonly supervisor: Supervisor;
  /** Names of the two sites: of the first instances and of the second. */
  readonly sites: readonly [string, string];
  /** Site of a part of the ground, '' = none. */
  readonly siteOfGround: (name: string) => string;
  /** Where a part of the ground is reached from here. */
  readonly groundAt: (name: string) => { readonly host: string; readonly port: number };
  readonly subjects: Subjects;
  readonly links: LinkControl | undefined;
  readonly maintenance?: Target['maintenance'];
  readonly clocks: Clocks | undefined;
  /** What gets a small disk, with its folder and MiB. */
  readonly disks: { readonly control: SmallDisks; readonly wanted: readonly SmallDisk[] } | undefined;
}

export interface SmallDisk {
  readonly name: string;
  readonly folder: string;
  readonly mebibytes: number;
}

/** A stack kept by the development supervisor, on whatever layout. */
export class StackTarget implements Target {
  readonly abilities: ReadonlySet<Ability>;
  readonly subjects: Subjects;
  readonly links: LinkControl | undefined;
  readonly maintenance: Target['maintenance'];
  readonly clocks: Clocks | undefined;
  readonly #supervisor: Supervisor;

  constructor(private readonly parts: StackParts) {
    this.#supervisor = parts.supervisor;
    this.subjects = parts.subjects;
    this.links = parts.links;
    this.maintenance = parts.maintenance;
    this.clocks = parts.clocks;
    this.abilities = new Set<Ability>([
      'processes',
      'ground',
      'providers',
      ...(parts.links === undefined ? [] : ['network' as const]),
      ...(parts.disks === undefined ? [] : ['disk' as const]),
      ...(parts.clocks === undefined ? [] : ['clock' as const]),
    ]);
  }

  get disks(): SmallDisks | undefined {
    return this.parts.disks?.control;
  }

  get gateways(): readonly string[] {
    const port = this.#supervisor.gatewayPort();
    return [`127.0.0.1:${port}`, `127.0.0.1:${port + SECOND_INSTANCE_OFFSET}`];
  }

  get rates(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#supervisor.channels.map(({ channel, standIn }) => [channel, standIn?.ratePerSecond ?? 0]));
  }

  get ground(): Readonly<Record<string, string>> {
    return { target: this.parts.kind, kind: this.#supervisor.ground.kind, ...this.#supervisor.ground.versions };
  }

  processes(): readonly TargetProcess[] {
    const [first, second] = this.parts.sites;
    const supervised = this.#supervisor.planned().map(({ name, kind, httpPort }): TargetProcess => {
      const again = name.endsWith('-2');
      return {
        name,
        kind,
        service: again ? name.slice(0, -2) : name,
        site: kind === 'stand-in' ? '' : again ? second : first,
        http: `http://127.0.0.1:${httpPort}`,
      };
    });
    const ground = this.#supervisor
      .groundNames()
      .map((name): TargetProcess => ({ name, kind: 'ground', service: name, site: this.parts.siteOfGround(name), http: '' }));
    return [...supervised, ...ground];
  }

  async start(): Promise<void> {
    const { paths } = this.#supervisor;
    endLeftovers(paths.stateFile);
    rmSync(paths.state, { recursive: true, force: true });
    for (const { name, folder, mebibytes } of this.parts.disks?.wanted ?? []) await this.disks?.mount(name, folder, mebibytes);
    await this.#supervisor.startGround();
    await this.#supervisor.startServices();
  }

  async stop(): Promise<void> {
    await this.links?.healAll().catch(() => undefined);
    for (const { name } of this.processes()) this.signal(name, 'SIGCONT');
    await this.#supervisor.stop();
    await this.disks?.unmountAll();
  }

  async adminKey(): Promise<string> {
    const { paths } = this.#supervisor;
    const state = new PartnerState(join(paths.state, 'partner.json'));
    const deps = createObservability({ service: 'chaos', instanceId: 'chaos-admin', logLevel: 'error' });
    const admin = await openAdmin(this.#supervisor, this.gateways[0] ?? '', state, paths.state, deps);
    admin.close();
    return state.adminKey;
  }

  ledger(channel: string): string {
    return ledgerFile(this.#supervisor.paths, { channel });
  }

  kill(name: string, downForMs: number): boolean {
    return this.#supervisor.kill(name, downForMs);
  }

  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): boolean {
    return this.#supervisor.signal(name, signal);
  }

  async restart(name: string): Promise<void> {
    if (!this.#supervisor.groundNames().includes(name)) return this.#supervisor.restartWith(name, {});
    const before = this.#supervisor.pid(name);
    this.#supervisor.signal(name, 'SIGTERM');
    const restarted = (): boolean => ![undefined, before].includes(this.#supervisor.pid(name));
    await waitUntil(`${name} to be started again`, async () => restarted(), RESTART_DEADLINE_MS);
    await wait(BROKER_SETTLES_MS);
    await this.#supervisor.waitUntilReady(RESTART_DEADLINE_MS);
  }

  /** Services and stand-ins that do not call themselves ready, brokers and stores that take no connection. */
  async notReady(): Promise<readonly string[]> {
    const ground = this.#supervisor.groundNames();
    const [waiting, answers] = await Promise.all([
      this.#supervisor.notReady(),
      Promise.all(ground.map((name) => takesConnections(this.parts.groundAt(name)))),
    ]);
    return [...waiting, ...ground.filter((_, index) => answers[index] !== true)];
  }
}

async function takesConnections(address: { readonly host: string; readonly port: number }): Promise<boolean> {
  const socket = connect(address);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_DEADLINE_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
