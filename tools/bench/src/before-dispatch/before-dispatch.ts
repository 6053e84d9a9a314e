import { setTimeout as pause } from 'node:timers/promises';
import { describeMachine } from '../machine.js';
import { prepareCampaign } from '../world/world-campaign.js';
import type { WorldTenant } from '../world/world-tenant.js';
import { World } from '../world/world.js';
import { PHASES, makeBeforeDispatchResult, type Phase, type PhaseRound } from './before-dispatch-result.js';
import { drainLoad, importLoad, planLoad, previewLoad, type CityLoad } from './city-loads.js';
import { readBeforeDispatchOptions, type BeforeDispatchOptions } from './options.js';
import { samplePath, type PathSample } from './path-sample.js';
import { measureShedding } from './shedding.js';
import { makeSheddingFigures } from './shedding-result.js';

const LIMIT_MS = 15 * 60_000;
/** Communes that take turns, and their contacts: what is measured is the first message, which does not depend on them. */
const COMMUNES = 24;
const COMMUNE_CONTACTS = 20;
/** Tenants of the flood of calls. */
const FLOODING = 12;
/** Numbers of the importing city: far from those the world gives out. */
const IMPORT_NUMBERS = 5_000_000;
/** A load is at work by then; after it, what it left (receipts, writes of the ledger) has gone, ms. */
const SETTLE_MS = 1_500;
/** Between two paths, at most, so that they meet the load anywhere, ms. */
const MAX_PAUSE_MS = 100;

/** A commune's whole path while a city imports, previews, plans and drains, and the API at ten times its knee; answers the exit code. */
export async function beforeDispatchBench(args: readonly string[]): Promise<number> {
  const options = readBeforeDispatchOptions(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = await World.use({ say, limitMs: LIMIT_MS }, async (world) => {
    const { contacts } = options;
    const [city, importing, ...communes] = await world.createTenants([
      { name: 'city', contacts },
      { name: 'importing city', contacts: 0 },
      ...Array.from({ length: COMMUNES }, (_, index) => ({ name: `commune ${index}`, contacts: COMMUNE_CONTACTS })),
    ]);
    if (!city || !importing) throw new Error('the tenants were not made');
    const rounds = await measureRounds(world, { city, importing, communes }, options, say);
    const shedding = await measureShedding(communes.slice(0, FLOODING), communes[FLOODING] ?? city, say);
    const { ground } = world;
    return makeBeforeDispatchResult({
      machine: describeMachine(),
      ground,
      contacts,
      rounds,
      shedding: makeSheddingFigures(shedding, describeMachine().cores),
    });
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

interface Tenants {
  readonly city: WorldTenant;
  readonly importing: WorldTenant;
  readonly communes: readonly WorldTenant[];
}

async function measureRounds(
  world: World,
  tenants: Tenants,
  options: BeforeDispatchOptions,
  say: (line: string) => void,
): Promise<readonly PhaseRound[]> {
  const draft = await prepareCampaign(tenants.city);
  const start: Readonly<Record<Phase, () => CityLoad | Promise<CityLoad>>> = {
    idle: () => ({ end: () => Promise.resolve() }),
    import: () => importLoad(tenants.importing, options.contacts, IMPORT_NUMBERS),
    preview: () => previewLoad(tenants.city, draft),
    plan: () => planLoad(tenants.city),
    drain: () => drainLoad(tenants.city),
  };
  const rounds: PhaseRound[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const phase of PHASES) {
      const load = await start[phase]();
      await pause(SETTLE_MS);
      const samples: PathSample[] = [];
      const { seconds, used } = await world.spent(async () => {
        for (let sample = 0; sample < options.samples; sample += 1) {
          const commune = tenants.communes[(round * options.samples + sample) % tenants.communes.length];
          if (commune) samples.push(await samplePath(commune, world.sms));
          await pause(Math.random() * MAX_PAUSE_MS);
        }
      });
      await load.end();
      await pause(SETTLE_MS);
      world.sms.forget();
      rounds.push({ phase, samples, seconds, used });
      say(`Round ${round + 1}, ${phase}: ${samples.map(({ path, release }) => `${path}/${release}`).join(' ')} ms`);
    }
  }
  return rounds;
}
