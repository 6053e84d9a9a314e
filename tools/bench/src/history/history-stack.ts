import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { GrpcDeps } from '@tocsin/grpc';
import { connectMongo } from '@tocsin/mongo';
import { createObservability } from '@tocsin/observability';
import { openAdmin } from '../../../stack/dist/job/admin-key.js';
import { Partner } from '../../../stack/dist/job/partner.js';
import { PartnerState } from '../../../stack/dist/job/partner-state.js';
import { stackPaths, type StackPaths } from '../../../stack/dist/stack/paths.js';
import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { BENCH_FIRST_PORT } from '../world/bench-paths.js';
import type { EarlyEnd } from '../world/early-end.js';
import { ProviderLedger } from '../world/provider-ledger.js';
import type { WorldTenant } from '../world/world-tenant.js';
import type { PastStores } from './write-history.js';

/** Every service killed at once is back within seconds. */
const RESTART_DEADLINE_MS = 60_000;
const PROBE_DEADLINE_MS = 5_000;

export interface StackShell {
  readonly say: (line: string) => void;
  readonly early: EarlyEnd;
}

/** A stack on a ground that is kept, started and stopped as often as wanted. */
export class HistoryStack {
  readonly grpc: GrpcDeps & Parameters<typeof connectMongo>[2];
  readonly sms: ProviderLedger;

  private constructor(readonly supervisor: Supervisor) {
    this.grpc = createObservability({ service: 'bench', instanceId: `bench-${process.pid}`, logLevel: 'error' });
    this.sms = new ProviderLedger(ledgerFile(supervisor.paths, { channel: 'sms' }));
  }

  /** Resolves when broker and store answer. */
  static async open(state: string, { say, early }: StackShell): Promise<HistoryStack> {
    const paths: StackPaths = stackPaths({ ...process.env, TOCSIN_STACK_STATE_DIR: state });
    const env = { TOCSIN_STACK_PORTS_FROM: BENCH_FIRST_PORT, ...process.env };
    const supervisor = new Supervisor(paths, env, { progress: say, broken: (sentence) => early.end(sentence) });
    try {
      await supervisor.startGround();
    } catch (failure) {
      await supervisor.stop();
      throw failure;
    }
    return new HistoryStack(supervisor);
  }

  /** Seconds until every service is ready. */
  async startServices(): Promise<number> {
    return seconds(() => this.supervisor.startServices());
  }

  /** Kills every service at once; seconds until all are ready again. */
  async restartServices(): Promise<number> {
    return seconds(async () => {
      const names = this.supervisor.serviceNames();
      for (const name of names) this.supervisor.kill(name);
      while ((await this.supervisor.notReady()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await this.supervisor.waitUntilReady(RESTART_DEADLINE_MS);
    });
  }

  get address(): string {
    return `127.0.0.1:${this.supervisor.gatewayPort()}`;
  }

  admin(): Promise<Partner> {
    const folder = join(this.supervisor.paths.state, 'bench');
    mkdirSync(folder, { recursive: true });
    return openAdmin(this.supervisor, this.address, new PartnerState(join(folder, 'partner.json')), folder, this.grpc);
  }

  /** The tenant with a connection to this stack. */
  connected(tenant: WorldTenant): WorldTenant {
    return { ...tenant, agent: new Partner(this.address, tenant.key, this.grpc) };
  }

  /** Does some work in the databases of the services. */
  async withStores<T>(work: (stores: PastStores) => Promise<T>): Promise<T> {
    const open = (name: string) => connectMongo(this.supervisor.ground.mongoUri, `tocsin_${name}`, this.grpc);
    const [campaigns, routing, deliveries] = await Promise.all([open('campaigns'), open('routing'), open('deliveries')]);
    try {
      return await work({ campaigns, routing, deliveries });
    } finally {
      await Promise.all([campaigns.close(), routing.close(), deliveries.close()]);
    }
  }

  /** A counter of a service without labels, as it tells on /metrics. */
  async counter(service: string, name: string): Promise<number> {
    const url = `http://127.0.0.1:${this.supervisor.httpPort(service)}/metrics`;
    const text = await (await fetch(url, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) })).text();
    return Number(new RegExp(`^\\w*${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  }

  stop(): Promise<void> {
    return this.supervisor.stop();
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}
