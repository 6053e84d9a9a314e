import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written last: which lockfile the folder's packages are of. */
const STAMP = 'packages.sha256';

/**
 * Puts the lockfile's production packages into `context`/node_modules and its Node into `context`/bin, by npm and with its integrity checks; no
 * package's install script runs. Does nothing when exactly those are there.
 */
export function installProduction(root: string, context: string, arch: 'x64' | 'arm64'): void {
  const manifests = ['package.json', 'package-lock.json', ...readdirSync(join(root, 'libs')).map((name) => `libs/${name}/package.json`)];
  const stamp = hashOf(root, manifests);
  if (existsSync(join(context, STAMP)) && readFileSync(join(context, STAMP), 'utf8') === stamp) return;
  for (const name of [STAMP, 'node_modules', 'bin', 'install']) rmSync(join(context, name), { recursive: true, force: true });
  const install = join(context, 'install');
  for (const path of manifests) {
    mkdirSync(join(install, path, '..'), { recursive: true });
    copyFileSync(join(root, path), join(install, path));
  }
  npmCi(install, arch);
  takeNode(install, context, arch);
  renameSync(join(install, 'node_modules'), join(context, 'node_modules'));
  rmSync(install, { recursive: true });
  writeFileSync(join(context, STAMP), stamp);
}

function npmCi(folder: string, arch: string): void {
  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  const npm = spawnSync('npm', ['ci', ...flags, '--os=linux', `--cpu=${arch}`, '--libc=glibc'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (npm.status !== 0) throw new Error('npm ci failed (see above): check the network and the free space, then start again.');
}

/** Of the package that brings Node only its program is kept: headers and documents are half of it. */
function takeNode(install: string, context: string, arch: string): void {
  const folder = join(install, 'node_modules', `node-linux-${arch}`);
  mkdirSync(join(context, 'bin'), { recursive: true });
  copyFileSync(join(folder, 'bin', 'node'), join(context, 'bin', 'node'));
  rmSync(folder, { recursive: true });
  // Commands of packages, and where the libraries' own links to a test library would lead nowhere.
  rmSync(join(install, 'node_modules', '.bin'), { recursive: true, force: true });
  rmSync(join(install, 'node_modules', '@tocsin', 'testing'), { force: true });
}

function hashOf(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
