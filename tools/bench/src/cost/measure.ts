import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExpectedTenant } from '../../../stack/dist/job/read-manifest.js';
import { ledgerFile } from '../../../stack/dist/stack/process-plan.js';
import { readStackState } from '../../../stack/dist/stack/state-file.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { describeMachine } from '../machine.js';
import { spentBy } from '../world/cpu.js';
import { City } from './city.js';
import type { CostFacts, Round } from './cost-result.js';
import { countAccepted } from './count-accepted.js';
import { openStandIns } from './open-rates.js';
import type { CostOptions } from './options.js';
import { startProfile, type RunningProfile } from './profile.js';

/** Long enough that the 10 ms ticks of the kernel's count do not matter. */
const IDLE_MS = 15_000;
/** After a start or an import, checkpoints and compilations still run for some seconds. */
const SETTLE_MS = 5_000;
/** Messages between two lines of progress. */
const SAY_EVERY = 25_000;

export interface MeasureOptions {
  readonly supervisor: Supervisor;
  readonly city: ExpectedTenant;
  readonly options: CostOptions;
  readonly say: (line: string) => void;
  /** Where profiles go. */
  readonly benchState: string;
}

/** Starts everything and measures idling, the import and each campaign. */
export async function measure({ supervisor, city: expected, options, say, benchState }: MeasureOptions): Promise<CostFacts> {
  await supervisor.startGround();
  await supervisor.startServices();
  await openStandIns(supervisor);
  say(`Everything is up; idle for ${IDLE_MS / 1_000} s.`);
  await wait(SETTLE_MS);
  const idle = await spentBy(supervisor, () => wait(IDLE_MS));

  const city = await City.open(supervisor, expected);
  const imported = await spentBy(supervisor, () => city.importRegister());
  say(`${expected.recipients} contacts imported in ${imported.seconds.toFixed(1)} s.`);
  await city.sendStops();

  const rounds: Round[] = [];
  while (rounds.length < options.rounds) {
    const draft = await city.prepareCampaign();
    await wait(SETTLE_MS);
    const profiles = rounds.length === 0 ? await startProfiles(supervisor, options) : new Map<string, RunningProfile>();
    let releasedAt = 0;
    let said = 0;
    const { seconds, used } = await spentBy(supervisor, async () => {
      releasedAt = await city.sendCampaign(draft, (handedOver) => {
        if (handedOver - said < SAY_EVERY) return;
        said = handedOver;
        say(`${handedOver} messages handed over.`);
      });
    });
    const counts = supervisor.channels.map((channel) => countAccepted(ledgerFile(supervisor.paths, channel), releasedAt));
    const messages = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    rounds.push({ messages, seconds, used });
    say(`Round ${rounds.length}: ${messages} messages in ${seconds.toFixed(1)} s.`);
    mkdirSync(benchState, { recursive: true });
    for (const [service, profile] of profiles) {
      const file = join(benchState, `${service}.${options.profileKind}profile`);
      await profile.writeTo(file);
      say(`Profile of ${service}: ${file}`);
    }
  }
  city.close();
  return {
    machine: describeMachine(),
    ground: { kind: supervisor.ground.kind, ...supervisor.ground.versions },
    contacts: expected.recipients,
    idle,
    import: imported,
    rounds,
    ours: [...supervisor.serviceNames(), ...supervisor.ground.processes.map(({ name }) => name)],
    rssMiB: Object.fromEntries([...supervisor.usage()].map(([name, { peakRssMiB }]) => [name, peakRssMiB])),
    restarts: supervisor.restarts(),
  };
}

async function startProfiles(supervisor: Supervisor, { profiled, profileKind }: CostOptions): Promise<ReadonlyMap<string, RunningProfile>> {
  const running = readStackState(supervisor.paths.stateFile)?.processes ?? [];
  const profiles = new Map<string, RunningProfile>();
  for (const service of profiled) {
    const pid = running.find(({ name }) => name === service)?.pid;
    if (pid === undefined) throw new Error(`--profile: no service is called "${service}" (${supervisor.serviceNames().join(', ')}).`);
    profiles.set(service, await startProfile(profileKind, pid, join(supervisor.paths.logs, `${service}.log`)));
  }
  return profiles;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
