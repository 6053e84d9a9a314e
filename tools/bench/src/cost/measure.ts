import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ExpectedTenant } from '../../../stack/dist/job/read-manifest.js';
import { readStackState } from '../../../stack/dist/stack/state-file.js';
import type { Supervisor } from '../../../stack/dist/stack/supervisor.js';
import { describeMachine } from '../machine.js';
import { spentBy } from '../world/cpu.js';
import { City } from './city.js';
import { clientLibraryPart, type CpuProfile } from './client-library.js';
import type { CostFacts, Round } from './cost-result.js';
import { openStandIns } from './open-rates.js';
import type { CostOptions } from './options.js';
import { measurePaced } from './paced.js';
import { startProfile, type ProfileKind, type RunningProfile } from './profile.js';
import { sendRound } from './send-round.js';

/** Long enough that the 10 ms ticks of the kernel's count do not matter. */
const IDLE_MS = 15_000;
/** After a start or an import, checkpoints and compilations still run for some seconds. */
const SETTLE_MS = 5_000;
export interface MeasureOptions {
  readonly supervisor: Supervisor;
  readonly city: ExpectedTenant;
  /** Sent to at 500/s after the rounds; undefined = left out. */
  readonly pacedCity: ExpectedTenant | undefined;
  readonly options: CostOptions;
  readonly say: (line: string) => void;
  /** Where profiles go. */
  readonly benchState: string;
}

/** Starts everything and measures idling, the import, each campaign, and one at 500/s. */
export async function measure({ supervisor, city: expected, pacedCity, options, say, benchState }: MeasureOptions): Promise<CostFacts> {
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
  let byService: ReadonlyMap<string, number> = new Map();
  while (rounds.length < options.rounds) {
    const draft = await city.prepareCampaign();
    await wait(SETTLE_MS);
    const profiles =
      rounds.length === 0 ? await startProfiles(supervisor, options.profiled, options.profileKind) : new Map<string, RunningProfile>();
    const sent = await sendRound(supervisor, city, draft, say);
    byService = sent.byService;
    rounds.push(sent.round);
    say(`Round ${rounds.length}: ${sent.round.messages} messages in ${sent.round.seconds.toFixed(1)} s.`);
    mkdirSync(benchState, { recursive: true });
    for (const [service, profile] of profiles) {
      const file = join(benchState, `${service}.${options.profileKind}profile`);
      await profile.writeTo(file);
      say(`Profile of ${service}: ${file}`);
    }
  }
  city.close();
  const paced = pacedCity === undefined ? undefined : await measurePaced({ supervisor, city: pacedCity, byService, say });
  // A service whose debugger was opened before would not print its address again.
  const idleClientLibrary = options.profiled.length === 0 ? await idleLibraryParts(supervisor) : new Map<string, number>();
  return {
    machine: describeMachine(),
    ground: { kind: supervisor.ground.kind, ...supervisor.ground.versions },
    contacts: expected.recipients,
    idle,
    import: imported,
    rounds,
    paced,
    idleClientLibrary,
    services: supervisor.serviceNames(),
    ours: [...supervisor.serviceNames(), ...supervisor.ground.processes.map(({ name }) => name)],
    rssMiB: Object.fromEntries([...supervisor.usage()].map(([name, { peakRssMiB }]) => [name, peakRssMiB])),
    restarts: supervisor.restarts(),
  };
}

/** The Kafka client's part of what each service does while nothing is asked of it. */
async function idleLibraryParts(supervisor: Supervisor): Promise<ReadonlyMap<string, number>> {
  await wait(SETTLE_MS);
  const profiles = await startProfiles(supervisor, supervisor.serviceNames(), 'cpu');
  await wait(IDLE_MS);
  const parts = new Map<string, number>();
  for (const [service, profile] of profiles) parts.set(service, clientLibraryPart((await profile.end()) as CpuProfile));
  return parts;
}

async function startProfiles(
  supervisor: Supervisor,
  services: readonly string[],
  kind: ProfileKind,
): Promise<ReadonlyMap<string, RunningProfile>> {
  const running = readStackState(supervisor.paths.stateFile)?.processes ?? [];
  const profiles = new Map<string, RunningProfile>();
  for (const service of services) {
    const pid = running.find(({ name }) => name === service)?.pid;
    if (pid === undefined) throw new Error(`--profile: no service is called "${service}" (${supervisor.serviceNames().join(', ')}).`);
    profiles.set(service, await startProfile(kind, pid, join(supervisor.paths.logs, `${service}.log`)));
  }
  return profiles;
}
