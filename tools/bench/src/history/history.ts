import { cpSync, rmSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TenantLimits } from '@tocsin/contracts/tenants/v1/tenant';
import { sideBySide } from '../../../stack/dist/job/side-by-side.js';
import { watchCampaign } from '../../../stack/dist/job/watch-campaign.js';
import { describeMachine } from '../machine.js';
import { benchPaths } from '../world/bench-paths.js';
import { EarlyEnd } from '../world/early-end.js';
import { prepareCampaign, releaseCampaign } from '../world/world-campaign.js';
import { createTenant, type WorldTenant } from '../world/world-tenant.js';
import { HistoryStack, type StackShell } from './history-stack.js';
import { makeHistoryResult } from './history-result.js';
import { measureRound, type Reported, type RoundPlan, type RoundSamples } from './measure-round.js';
import { readHistoryOptions, type HistoryOptions } from './options.js';
import { providerHistory } from './provider-history.js';
import { registerSizes, COMMUNES, CITY } from './registers.js';
import { checkLedgerShape, makeDue, readSample, writeHistory, type WrittenCampaign } from './write-history.js';

/** Set-up, the past and twelve starts take some eleven minutes on two quiet cores. */
const LIMIT_MS = 25 * 60_000;
/** Days the past is spread over: those of the reference provider. */
const DAYS = 55;
const SEED = 1;
/** A quota for each tenant, above what any sends in a run: keeping account of it is part of what is measured. */
const LIMITS = TenantLimits.fromPartial({ quotas: [{ channel: 'sms', unitsPerDay: 100_000 }] });
/** Tenants set up at once. */
const SIDE_BY_SIDE = 12;
/** Part of the past whose recipients retention removes during the last start. */
const TRIMMED_PART = 1 / 11;

/** The same tenants on an empty ledger and on one that holds a provider's past, started in turns; answers the exit code. */
export async function historyBench(args: readonly string[]): Promise<number> {
  const options = readHistoryOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const early = new EarlyEnd(LIMIT_MS);
  const run = new HistoryRun(options, { say, early });
  try {
    await Promise.race([run.run(), early.ended]);
  } finally {
    await run.stop();
  }
  return 0;
}

class HistoryRun {
  #stack: HistoryStack | undefined;
  readonly #empty = join(benchPaths().benchState, 'history', 'empty');
  readonly #full = join(benchPaths().benchState, 'history', 'full');

  constructor(
    private readonly options: HistoryOptions,
    private readonly shell: StackShell,
  ) {}

  async run(): Promise<void> {
    const { options } = this;
    const sizes = registerSizes(options.tenants);
    for (const state of [this.#empty, this.#full]) rmSync(state, { recursive: true, force: true });
    const { tenants, plan, ground } = await this.#on(this.#empty, (stack) => this.#setUp(stack, sizes));
    cpSync(this.#empty, this.#full, { recursive: true });
    const begun = performance.now();
    const written = await this.#on(this.#full, (stack) => this.#writePast(stack, tenants, plan, sizes));
    const seconds = Math.round((performance.now() - begun) / 1_000);
    this.shell.say(`The past was written in ${seconds} s.`);
    const full: RoundPlan = { ...plan, pastReports: this.#pastReports(written, plan) };
    const samples: Record<'empty' | 'full', RoundSamples[]> = { empty: [], full: [] };
    for (let round = 1; round <= options.rounds; round += 1) {
      // In turns, and each first in turn, so that a slow moment of the machine hits both alike.
      const both = [
        async () => void samples.empty.push(await this.#on(this.#empty, (stack) => measureRound(stack, plan))),
        async () => void samples.full.push(await this.#on(this.#full, (stack) => measureRound(stack, full))),
      ];
      for (const one of round % 2 === 0 ? both.toReversed() : both) await one();
      this.shell.say(
        `Round ${round} of ${options.rounds}: ready in ${samples.empty.at(-1)?.start[0]} and ${samples.full.at(-1)?.start[0]} s.`,
      );
    }
    const { trimming, removed } = await this.#on(this.#full, (stack) => this.#beside(stack, full, written));
    const contacts = sizes.reduce((sum, size) => sum + size, 0);
    const history = { ...options, contacts, seconds, storeMiB: megabytes(join(this.#full, 'ground', 'store')) };
    const result = makeHistoryResult({
      machine: describeMachine(),
      ground,
      history,
      ...samples,
      trimming: [trimming],
      slicesRemoved: removed,
    });
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }

  async stop(): Promise<void> {
    await this.#stack?.stop();
  }

  /** One start of a ground from its opening to its end. */
  async #on<T>(state: string, work: (stack: HistoryStack) => Promise<T>): Promise<T> {
    const stack = await HistoryStack.open(state, this.shell);
    this.#stack = stack;
    const done = await work(stack);
    await stack.stop();
    this.#stack = undefined;
    return done;
  }

  /** Tenants with registers and keys over the public API; each commune sends one alert to its end. */
  async #setUp(stack: HistoryStack, sizes: readonly number[]) {
    await stack.startServices();
    const admin = await stack.admin();
    const tenants: WorldTenant[] = [];
    const firsts = sizes.map((_, place) => sizes.slice(0, place).reduce((sum, size) => sum + size, 0));
    const begun = performance.now();
    await sideBySide([...sizes.keys()], SIDE_BY_SIDE, async (place) => {
      const wanted = { name: `Collectivité ${place}`, contacts: sizes[place] ?? 0, limits: LIMITS };
      tenants[place] = await createTenant(wanted, { admin, address: stack.address, grpc: stack.grpc, firstNumber: firsts[place] ?? 0 });
      if (place % 100 === 99) this.shell.say(`${place + 1} of ${sizes.length} tenants.`);
    });
    this.shell.say(`${sizes.length} tenants in ${Math.round((performance.now() - begun) / 1_000)} s.`);
    const communes = tenants.slice(CITY + 1, CITY + 1 + COMMUNES);
    const reports: Reported[] = [];
    for (const tenant of communes) {
      const ready = await prepareCampaign(tenant);
      await releaseCampaign(ready);
      reports.push({ tenant, campaignId: ready.campaignId, recipients: ready.recipients });
    }
    for (const { tenant, campaignId } of reports) await watchCampaign(tenant.agent, tenant.tenantId, campaignId, () => undefined);
    const city = tenants[CITY];
    if (!city) throw new Error('no city');
    const plan: RoundPlan = { communes, city, reports, pastReports: [] };
    const ground = { kind: stack.supervisor.ground.kind, ...stack.supervisor.ground.versions };
    return { tenants, plan, ground };
  }

  #writePast(stack: HistoryStack, tenants: readonly WorldTenant[], plan: RoundPlan, sizes: readonly number[]): Promise<WrittenCampaign[]> {
    const now = Date.now();
    const { campaigns, deliveries } = this.options;
    const past = providerHistory({ campaigns, deliveries, days: DAYS, registers: sizes, now, seed: SEED });
    const sample = plan.reports[0]?.campaignId ?? '';
    return stack.withStores(async (stores) => {
      await checkLedgerShape(stores.deliveries, sample);
      return writeHistory(stores, await readSample(stores, sample), past, tenants, now, this.shell.say);
    });
  }

  /** For each commune the campaign of its past that is nearest in size to what it sent itself. */
  #pastReports(written: readonly WrittenCampaign[], { reports }: RoundPlan): Reported[] {
    const young = written.slice(Math.ceil(written.length * TRIMMED_PART));
    return reports.flatMap(({ tenant, recipients }) => {
      const own = young.filter((campaign) => campaign.tenantId === tenant.tenantId);
      const near = own.toSorted((a, b) => Math.abs(a.recipients - recipients) - Math.abs(b.recipients - recipients))[0];
      return near ? [{ tenant, campaignId: near.campaignId, recipients: near.recipients }] : [];
    });
  }

  /** The same once more while the recipients of the oldest campaigns are removed. */
  async #beside(stack: HistoryStack, plan: RoundPlan, written: readonly WrittenCampaign[]) {
    const oldest = written.slice(0, Math.ceil(written.length * TRIMMED_PART));
    await stack.withStores(({ deliveries }) => makeDue(deliveries, oldest, Date.now()));
    let removed = 0;
    const trimming = await measureRound(stack, plan, async () => {
      removed = await stack.counter('deliveries', 'retention_slices_removed_total');
    });
    if (removed === 0) throw new Error('Retention removed nothing while it was measured.');
    return { trimming, removed };
  }
}

function megabytes(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.round(files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0) / 1_048_576);
}
