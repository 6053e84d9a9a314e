import { dirname, join, normalize } from 'node:path';
import { read, sourceFiles } from './source-files.ts';

/** Packages only one library may import, and why. */
const SINGLE_IMPORTERS: readonly { readonly pattern: RegExp; readonly owner: string; readonly why: string }[] = [
  { pattern: /^kafkajs(\/|$)/, owner: 'libs/kafka/', why: 'it gets no releases any more: the exit must stay a day of work' },
  { pattern: /^(@grpc\/|nice-grpc)/, owner: 'libs/grpc/', why: 'deadlines, retries and typed errors live there' },
  { pattern: /^(mongoose|mongodb)(\/|$)/, owner: 'libs/mongo/', why: 'the portable subset is kept there' },
  {
    pattern: /^(prom-client|pino|@opentelemetry\/)/,
    owner: 'libs/observability/',
    why: 'redaction and zero-initialised metrics live there',
  },
  { pattern: /^@nestjs\//, owner: 'libs/service-kit/', why: 'services are wired by hand, the framework stays at the edge' },
];

/** Doors out of a room, each with its reason. */
const DOORS: readonly { readonly from: string; readonly to: string; readonly why: string }[] = [
  {
    from: 'tools/admin',
    to: 'services/tenants/dist/bootstrap/',
    why: 'the first administrator is written by the code that owns the documents',
  },
  ...['audit', 'stores'].map((folder) => ({
    from: 'tools/admin',
    to: `services/tenants/dist/${folder}/`,
    why: 'an audit is verified by the rules of the code that writes it',
  })),
  ...['services/routing/dist/scheduler/', 'services/deliveries/dist/core/'].map((to) => ({
    from: 'tools/admin',
    to,
    why: 'what a restore changes in a document is said by the code that owns it',
  })),
  ...['stack', 'job'].map((folder) => ({
    from: 'tools/bench',
    to: `tools/stack/dist/${folder}/`,
    why: 'what is measured must be the stack of npm start, started and used in the same way',
  })),
  ...['stack', 'job', 'sites'].map((folder) => ({
    from: 'tools/chaos',
    to: `tools/stack/dist/${folder}/`,
    why: 'what is put to the test must be the stack people start, used in the same way',
  })),
  ...['services/deliveries/dist/core/', 'services/routing/dist/planner/'].map((to) => ({
    from: 'tools/bench',
    to,
    why: 'a generated history must be what the owners of the documents would have written',
  })),
];

/** Peers of ours in tests and generic clients: third parties that happen to use the same packages. */
const THIRD_PARTY_PEERS = /^integration-tests\/(peers|generic-client)/;

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'"\n;]*?(?:[^;'"]*?)from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g;

/** Import directions: service -> lib, lib -> lib that its package.json names; never service -> service, never lib -> service. */
export function checkImports(): string[] {
  const faults: string[] = [];
  for (const path of sourceFiles(/^(libs|services|tools|integration-tests)\/.*\.m?ts$/)) {
    if (path.includes('/gen/') || THIRD_PARTY_PEERS.test(path)) continue;
    const room = path.split('/').slice(0, 2).join('/');
    for (const target of importsOf(read(path))) {
      faults.push(...faultsOf(path, room, target));
    }
  }
  return faults;
}

function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].flatMap((match) => match.slice(1).filter((group) => group !== undefined));
}

function faultsOf(path: string, room: string, target: string): string[] {
  if (target.startsWith('.')) {
    const resolved = normalize(join(dirname(path), target));
    if (resolved.startsWith(`${room}/`) || room.startsWith('integration-tests')) return [];
    if (DOORS.some((door) => door.from === room && resolved.startsWith(door.to))) return [];
    return [`${path}: "${target}" leaves ${room}; import a library by its name instead.`];
  }
  const faults = SINGLE_IMPORTERS.filter((row) => row.pattern.test(target) && !path.startsWith(row.owner)).map(
    (row) => `${path}: only ${row.owner.slice(0, -1)} imports "${target}" (${row.why}).`,
  );
  const library = /^@tocsin\/([^/]+)/.exec(target)?.[1];
  if (library !== undefined && room.startsWith('libs/') && room !== `libs/${library}` && !path.endsWith('.test.ts')) {
    const declared = Object.keys(
      (JSON.parse(read(`${room}/package.json`)) as { dependencies?: Record<string, string> }).dependencies ?? {},
    );
    if (!declared.includes(`@tocsin/${library}`)) faults.push(`${path}: ${room}/package.json does not declare @tocsin/${library}.`);
  }
  return faults;
}
