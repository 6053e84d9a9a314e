// Run by Node directly (types are stripped), so that it works before anything is built.
import { spawnSync } from 'node:child_process';
import { checkContracts } from './contracts.ts';
import { checkDocs } from './docs.ts';
import { checkImports } from './imports.ts';
import { checkLicences } from './licences.ts';
import { checkSizes } from './sizes.ts';

interface Step {
  readonly name: string;
  /** Sentences, one a fault; empty = clean. */
  readonly run: () => string[];
}

const STEPS: readonly Step[] = [
  { name: 'format', run: () => command('prettier', ['--check', '--log-level', 'warn', '--cache', '.']) },
  { name: 'lint', run: () => command('oxlint', ['--type-aware', '--quiet']) },
  { name: 'types', run: () => command('sh', ['-c', 'tsc -b libs/* services/* tools/*/tsconfig.json']) },
  { name: 'types of tests', run: () => command('tsc', ['-p', 'tsconfig.tests.json']) },
  { name: 'imports', run: checkImports },
  { name: 'contracts', run: checkContracts },
  { name: 'docs', run: checkDocs },
  { name: 'guarantees', run: () => command('node', ['tools/mutate/dist/main.js', '--check']) },
  { name: 'sizes', run: checkSizes },
  { name: 'licences', run: checkLicences },
];

const only = process.argv.slice(2);
let faults = 0;
for (const step of STEPS) {
  if (only.length > 0 && !only.includes(step.name)) continue;
  const started = performance.now();
  const found = step.run();
  faults += found.length;
  console.log(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${step.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  for (const sentence of found) console.log(`     ${sentence}`);
}
process.exitCode = faults === 0 ? 0 : 1;

function command(program: string, args: readonly string[]): string[] {
  const result = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.error) return [`${program} could not be started: ${result.error.message}`];
  if (result.status === 0) return [];
  return `${result.stdout}${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
}
