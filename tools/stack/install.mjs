// Runs on whatever Node the machine has (>= 20) and imports nothing but Node: it brings the packages and the build that everything else needs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const bin = join(root, 'node_modules', '.bin');

/** The PATH without and with the packages' commands: npm must run on the machine's Node, since it replaces ours. */
const machinePath = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin'));
export const ownPath = [bin, ...machinePath].join(':');

/** One clear sentence, and the end. */
export function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

export function checkNode() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    refuse(`Node ${process.versions.node} is too old to install Tocsin: install Node 20 or newer.`);
  }
}

/** Installs the packages of the lockfile unless exactly those are there; compiles what changed. */
export function installAndBuild() {
  checkNode();
  if (!isInstalled()) install();
  build();
}

function install() {
  console.error('Installing packages (once, about 20 s).');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: machinePath.join(':') },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.error !== undefined) refuse(`npm is missing (${npm.error.message}): install Node 20 or newer with npm.`);
  if (npm.status !== 0) refuse('npm ci failed (see above): check the network and the free space, then start again.');
  if (!existsSync(join(bin, 'node'))) refuse(`No Node 24 package exists for ${process.platform}-${process.arch}: use Linux x64 or arm64.`);
}

function build() {
  const projects = ['libs', 'services', 'tools'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(folder, name))
      .filter((project) => existsSync(join(root, project, 'tsconfig.json'))),
  );
  const tsc = spawnSync('tsc', ['-b', ...projects], {
    cwd: root,
    env: { ...process.env, PATH: ownPath },
    stdio: ['ignore', 2, 2],
  });
  if (tsc.status !== 0) refuse('The build failed (see above): mend the types it names, then start again.');
}

/** npm writes node_modules/.package-lock.json last: when it agrees with the lockfile, the install was finished and is of this version. */
function isInstalled() {
  try {
    const wanted = packagesOf(join(root, 'package-lock.json'));
    const found = packagesOf(join(root, 'node_modules', '.package-lock.json'));
    if (!existsSync(join(bin, 'node')) || !existsSync(join(bin, 'tsc'))) return false;
    return Object.entries(wanted).every(([path, entry]) => isMet(path, entry, found[path]));
  } catch {
    return false;
  }
}

function isMet(path, wanted, found) {
  // The root and the workspaces stand in the tree itself; what is optional depends on the machine.
  if (!path.startsWith('node_modules/') || wanted.link === true || wanted.optional === true || wanted.devOptional === true) return true;
  return found !== undefined && found.version === wanted.version && found.integrity === wanted.integrity;
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/** Signals a terminal also sends to the child itself; this process only waits for it to end. */
const WAITED_OUT = ['SIGINT', 'SIGQUIT', 'SIGHUP'];

/** Runs a command with our Node first in the PATH and ends with its exit code. */
export function handOver(command, args, env = {}) {
  const child = spawn(command, args, { cwd: process.cwd(), env: { ...process.env, PATH: ownPath, ...env }, stdio: 'inherit' });
  for (const signal of WAITED_OUT) process.on(signal, () => child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (failure) => refuse(`${command} could not be started: ${failure.message}.`));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128 + 15)));
}
