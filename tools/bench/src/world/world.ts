import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createObservability } from '@tocsin/observability';
import type { GrpcDeps } from '@tocsin/grpc';
import { openAdmin } from '../../../stack/dist/job/admin-key.js';
import type { Partner } from '../../../stack/dist/job/partner.js';
import { PartnerState } from '../../../stack/dist/job/partner-state.js';
import { sideBySide } from '../../../stack/dist/job/side-by-side.js';
import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { BENCH_FIRST_PORT, benchPaths } from './bench-paths.js';
import { cpuSeconds, spentBy, type CpuSeconds, type Spent } from './cpu.js';
import { EarlyEnd } from './early-end.js';
import { ProviderLedger } from './provider-ledger.js';
import { createTenant, importContacts, type WantedTenant, type WorldTenant } from './world-tenant.js';

/** Tenants set up at once: more would only queue in front of the same two cores. */
const SIDE_BY_SIDE = 12;
/** Tenants between two lines of progress. */
const SAY_EVERY = 250;
const CALL_DEADLINE_MS = 5_000;

export interface WorldOptions {
  /** Settings of the services (TOCSIN_*) beside those of the stack; what the caller's environment says wins. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
  /** The whole run fails after this, ms. */
  readonly limitMs: number;
}

/** A stack of its own on an empty ground, used over the public API and nothing else; what a benchmark of the whole measures in. */
export class World {
  /** What the SMSC stand-in accepted. */
  readonly sms: ProviderLedger;
  #nextNumber = 0;
  #tenants: WorldTenant[] = [];

  private constructor(
    readonly supervisor: Supervisor,
    readonly admin: Partner,
    private readonly grpc: GrpcDeps,
    private readonly options: WorldOptions,
  ) {
    this.sms = new ProviderLedger(ledgerFile(supervisor.paths, { channel: 'sms' }));
  }

  /** Starts everything on an empty ground, lets `work` use it, and leaves nothing running whatever happens. */
  static async use<T>(options: WorldOptions, work: (world: World) => Promise<T>): Promise<T> {
    const { paths } = benchPaths();
    rmSync(paths.state, { recursive: true, force: true });
    const early = new EarlyEnd(options.limitMs);
    const env = { TOCSIN_STACK_PORTS_FROM: BENCH_FIRST_PORT, ...options.settings, ...process.env };
    const supervisor = new Supervisor(paths, env, { progress: options.say, broken: (sentence) => early.end(sentence) });
    try {
      return await Promise.race([World.#start(supervisor, options).then(work), early.ended]);
    } finally {
      await supervisor.stop();
    }
  }

  static async #start(supervisor: Supervisor, options: WorldOptions): Promise<World> {
    await supervisor.startGround();
    await supervisor.startServices();
    const folder = join(supervisor.paths.state, 'bench');
    mkdirSync(folder, { recursive: true });
    const grpc = createObservability({ service: 'bench', instanceId: `bench-${process.pid}`, logLevel: 'error' });
    const address = `127.0.0.1:${supervisor.gatewayPort()}`;
    const admin = await openAdmin(supervisor, address, new PartnerState(join(folder, 'partner.json')), folder, grpc);
    return new World(supervisor, admin, grpc, options);
  }

  /** Kind and versions of what it stands on, for the result. */
  get ground(): Readonly<Record<string, string>> {
    return { kind: this.supervisor.ground.kind, ...this.supervisor.ground.versions };
  }

  get tenants(): readonly WorldTenant[] {
    return this.#tenants;
  }

  /** Sets tenants up side by side, the largest register first; answers them in the order given. */
  async createTenants(wanted: readonly WantedTenant[]): Promise<readonly WorldTenant[]> {
    const begun = performance.now();
    const ordered = wanted
      .map((tenant, place) => ({ tenant, place, firstNumber: this.#takeNumbers(tenant.contacts) }))
      .toSorted((a, b) => b.tenant.contacts - a.tenant.contacts);
    const made: WorldTenant[] = [];
    let done = 0;
    await sideBySide(ordered, SIDE_BY_SIDE, async ({ tenant, place, firstNumber }) => {
      made[place] = await createTenant(tenant, { admin: this.admin, address: this.address, grpc: this.grpc, firstNumber });
      done += 1;
      if (done % SAY_EVERY === 0) this.options.say(`${done} of ${wanted.length} tenants.`);
    });
    this.#tenants.push(...made);
    const contacts = wanted.reduce((sum, tenant) => sum + tenant.contacts, 0);
    this.options.say(`${wanted.length} tenants with ${contacts} contacts in ${((performance.now() - begun) / 1_000).toFixed(1)} s.`);
    return made;
  }

  /** So many more contacts in a tenant's register. */
  async importMore(tenant: WorldTenant, contacts: number): Promise<void> {
    await importContacts(tenant, this.#takeNumbers(contacts), contacts);
  }

  /** Address of the public gRPC API. */
  get address(): string {
    return `127.0.0.1:${this.supervisor.gatewayPort()}`;
  }

  /** Turns knobs of the SMSC stand-in (rate, slowMs, down, ...). */
  async turnSms(knobs: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${this.supervisor.httpPort('stand-in-sms')}/knobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(knobs),
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
    });
    if (!answer.ok) throw new Error(`The SMSC stand-in refuses its knobs: ${await answer.text()}`);
    await answer.body?.cancel();
  }

  /** Asks the SMSC stand-in something: GET, or POST where there is a body. */
  async askSms(path: string, body?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const answer = await fetch(`http://127.0.0.1:${this.supervisor.httpPort('stand-in-sms')}${path}`, {
      signal: AbortSignal.timeout(CALL_DEADLINE_MS),
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`The SMSC stand-in refuses ${path}: ${answer.status}`);
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  }

  /** What the machine's processes have used so far. */
  cpu(): CpuSeconds {
    return cpuSeconds(this.supervisor);
  }

  /** Does some work and says what every process used meanwhile. */
  spent(work: () => Promise<void>): Promise<Spent> {
    return spentBy(this.supervisor, work);
  }

  #takeNumbers(count: number): number {
    const first = this.#nextNumber;
    this.#nextNumber += count;
    return first;
  }
}
