import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createObservability } from '@tocsin/observability';
import { repositoryRoot } from '@tocsin/testing';
import { openAdmin } from '../../../stack/dist/job/admin-key.js';
import { PartnerState } from '../../../stack/dist/job/partner-state.js';
import { stackPaths, type StackPaths } from '../../../stack/dist/stack/paths.js';
import { SECOND_INSTANCE_OFFSET } from '../../../stack/dist/stack/port-plan.js';
import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import type { Ability } from '../plan/fault-kinds.js';
import type { Subjects } from '../plan/plan-faults.js';
import type { Target, TargetProcess } from './target.js';

/** Ports beside those of npm start, the tests and the benchmarks. */
const FIRST_PORT = '29100';
const BROKER = 'kafka';
const STORE = 'document store';
const SERVICES = ['gateway', 'tenants', 'subscribers', 'campaigns', 'routing', 'deliveries', 'channel-sms', 'channel-email'];

export interface SingleHostOptions {
  /** A built tree whose services are run; this clone's own by default. */
  readonly tree?: string;
  readonly say: (line: string) => void;
  readonly broken: (sentence: string) => void;
}

/** Every service twice on this machine, one broker, one document store: the first instances are one "site", the second ones the other. */
export class SingleHost implements Target {
  readonly abilities: ReadonlySet<Ability>;
  readonly subjects: Subjects;
  readonly #paths: StackPaths;
  readonly #supervisor: Supervisor;

  constructor(options: SingleHostOptions) {
    this.#paths = chaosPaths(options.tree);
    const env = { TOCSIN_STACK_PORTS_FROM: FIRST_PORT, ...process.env, TOCSIN_STACK_INSTANCES: '2' };
    this.#supervisor = new Supervisor(this.#paths, env, { progress: options.say, broken: options.broken }, true);
    this.abilities = new Set<Ability>(['processes', 'ground', 'providers']);
    const both = (service: string): string[] => [service, `${service}-2`];
    this.subjects = {
      'any-service': SERVICES.flatMap(both),
      channel: SERVICES.filter((name) => name.startsWith('channel-')).flatMap(both),
      site: ['1', '2'],
      broker: [BROKER],
      store: [STORE],
      provider: ['sms', 'sms', 'email'],
      'sms-provider': ['sms'],
      'clocked-service': SERVICES.flatMap(both),
      link: [],
    };
  }

  get gateways(): readonly string[] {
    const port = this.#supervisor.gatewayPort();
    return [`127.0.0.1:${port}`, `127.0.0.1:${port + SECOND_INSTANCE_OFFSET}`];
  }

  get rates(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#supervisor.channels.map(({ channel, standIn }) => [channel, standIn?.ratePerSecond ?? 0]));
  }

  get ground(): Readonly<Record<string, string>> {
    return { kind: this.#supervisor.ground.kind, target: 'single-host', ...this.#supervisor.ground.versions };
  }

  processes(): readonly TargetProcess[] {
    const supervised = [...this.#supervisor.pids().keys()].map((name): TargetProcess => {
      const standIn = name.startsWith('stand-in-');
      const second = name.endsWith('-2');
      return {
        name,
        kind: standIn ? 'stand-in' : 'service',
        service: second ? name.slice(0, -2) : name,
        site: standIn ? '' : second ? '2' : '1',
        http: `http://127.0.0.1:${this.#supervisor.httpPort(name)}`,
      };
    });
    const ground = this.#supervisor
      .groundNames()
      .map((name): TargetProcess => ({ name, kind: 'ground', service: name, site: '', http: '' }));
    return [...supervised, ...ground];
  }

  async start(): Promise<void> {
    rmSync(this.#paths.state, { recursive: true, force: true });
    await this.#supervisor.startGround();
    await this.#supervisor.startServices();
  }

  async stop(): Promise<void> {
    for (const { name } of this.processes()) this.signal(name, 'SIGCONT');
    await this.#supervisor.stop();
  }

  async adminKey(): Promise<string> {
    const state = new PartnerState(join(this.#paths.state, 'partner.json'));
    const deps = createObservability({ service: 'chaos', instanceId: 'chaos-admin', logLevel: 'error' });
    const admin = await openAdmin(this.#supervisor, this.gateways[0] ?? '', state, this.#paths.state, deps);
    admin.close();
    return state.adminKey;
  }

  ledger(channel: string): string {
    return ledgerFile(this.#paths, { channel });
  }

  kill(name: string): boolean {
    return this.#supervisor.kill(name);
  }

  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): boolean {
    return this.#supervisor.signal(name, signal);
  }

  restart(name: string): Promise<void> {
    return this.#supervisor.restartWith(name, {});
  }

  notReady(): Promise<readonly string[]> {
    return this.#supervisor.notReady();
  }
}

/** Below .tocsin/chaos of this clone (or TOCSIN_STACK_STATE_DIR); the programs come from `tree`, the downloads from this clone. */
function chaosPaths(tree: string | undefined): StackPaths {
  const root = repositoryRoot();
  const state = join(process.env['TOCSIN_STACK_STATE_DIR'] ?? join(root, '.tocsin', 'chaos'), 'run');
  return { ...stackPaths({ ...process.env, TOCSIN_STACK_STATE_DIR: state }), root: tree ?? root };
}
