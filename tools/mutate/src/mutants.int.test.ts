import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { expect, it } from 'vitest';

/** The cheapest two of those that the issue of this promise names; the whole table is run by `npm run mutants -- --all`. */
const NAMES = ['skip-the-fence', 'commit-before-the-effect'];

it('a build that skips the fence and one that commits before the effect turn their tests red, and only those', () => {
  const args = [join(repositoryRoot(), 'tools/mutate/dist/main.js'), ...NAMES.flatMap((name) => ['--name', name])];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: repositoryRoot() });
  const lines = stdout.trim().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ mutants: NAMES.length, red: NAMES.length, notNoticed: [] });
  expect(lines.slice(1, -1).map((line) => line.split(' ')[0])).toEqual(NAMES.map(() => 'red'));
  expect(status).toBe(0);
});
