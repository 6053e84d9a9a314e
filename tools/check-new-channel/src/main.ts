import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scaffold } from './scaffold.js';
import { scratchClone } from './scratch-clone.js';

const KEY = 'siren';
const root = process.cwd();

const wanted = process.argv.indexOf('--scaffold');
if (wanted >= 0) {
  console.log(`made ${scaffold(root, process.argv[wanted + 1] ?? '').join(' and ')}`);
} else {
  process.exitCode = check() ? 0 : 1;
}

function check(): boolean {
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-new-channel-'));
  try {
    const clone = join(scratch, 'clone');
    scratchClone(root, clone);
    const expected = scaffold(clone, KEY);
    const steps = {
      build: run(clone, 'tsc', ['-b', `services/channel-${KEY}`]),
      conformance: run(clone, 'vitest', ['run', '--project', 'unit', `services/channel-${KEY}`]),
      imports: run(clone, 'node', ['tools/check/src/main.ts', 'imports', 'docs', 'sizes']),
      outside: nothingElseChanged(clone, expected),
      oneValue: oneValueChanged(clone),
    };
    console.log(JSON.stringify({ channel: KEY, ...steps }));
    return Object.values(steps).every(Boolean);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(folder: string, program: string, args: readonly string[]): boolean {
  const path = `${join(folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const result = spawnSync(program, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, PATH: path } });
  if (result.status !== 0) console.error(`${program} ${args.join(' ')} failed:\n${result.stdout}${result.stderr}`);
  return result.status === 0;
}

function nothingElseChanged(folder: string, expected: readonly string[]): boolean {
  const changed = execFileSync('git', ['status', '--porcelain'], { cwd: folder, encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice(3));
  const others = changed.filter((path) => !expected.includes(path));
  if (others.length > 0) console.error(`changed outside the channel's folder and its chart value: ${others.join(', ')}`);
  return others.length === 0;
}

function oneValueChanged(folder: string): boolean {
  const counts = execFileSync('git', ['diff', '--numstat', 'charts/'], { cwd: folder, encoding: 'utf8' }).trim();
  if (!counts.startsWith('1\t0\t')) console.error(`the chart changed by more than one value: ${counts}`);
  return counts.startsWith('1\t0\t');
}
