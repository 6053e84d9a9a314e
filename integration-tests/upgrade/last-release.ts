import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';

/** ms a build of all services may take on two busy cores. */
const BUILD_DEADLINE_MS = 180_000;

/** The commit in which the contracts of the last release were pinned; undefined where the history is not there (a shallow clone). */
export function lastReleaseCommit(): string | undefined {
  const log = spawnSync('git', ['log', '-1', '--format=%H', '--', 'proto/last-release.binpb'], { cwd: repositoryRoot(), encoding: 'utf8' });
  const commit = log.stdout.trim();
  if (log.status !== 0 || commit === '') return undefined;
  return spawnSync('git', ['cat-file', '-e', `${commit}:package.json`], { cwd: repositoryRoot() }).status === 0 ? commit : undefined;
}

/**
 * The tree of the last release, built below .tocsin/cache, and its folder. It runs on the packages installed here, its own libraries excepted:
 * what is compared is its code and its records, not yesterday's packages.
 */
export function buildLastRelease(commit: string): string {
  const root = repositoryRoot();
  const folder = join(root, '.tocsin', 'cache', 'releases', commit);
  if (existsSync(join(folder, 'built'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'node_modules', '@tocsin'), { recursive: true });
  const archive = execFileSync('git', ['archive', commit, 'libs', 'services', 'package.json', 'tsconfig.base.json'], {
    cwd: root,
    maxBuffer: 256 * 1024 * 1024,
  });
  execFileSync('tar', ['x', '-C', folder], { input: archive });
  const installed = join(root, 'node_modules');
  for (const name of readdirSync(installed).filter((found) => found !== '@tocsin'))
    symlinkSync(join(installed, name), join(folder, 'node_modules', name));
  const libraries = readdirSync(join(folder, 'libs'));
  for (const name of libraries) symlinkSync(join(folder, 'libs', name), join(folder, 'node_modules', '@tocsin', name));
  const projects = [...libraries.map((name) => `libs/${name}`), ...readdirSync(join(folder, 'services')).map((name) => `services/${name}`)];
  const built = spawnSync('tsc', ['-b', ...projects], { cwd: folder, encoding: 'utf8', timeout: BUILD_DEADLINE_MS });
  if (built.status !== 0) throw new Error(`the last release was not built: ${built.stdout}`);
  writeFileSync(join(folder, 'built'), commit);
  return folder;
}
