import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { diskFull, isNoSpace, requireDiskSpace } from './disk-space.js';
import { groundFault } from './ground-fault.js';
import { findDamage, parseChecksums, writeManifest, type Checksums } from './jar-manifest.js';

/** 60 MB took 6 s here; a slow line deserves ten minutes before we call it broken. */
const DOWNLOAD_DEADLINE_MS = 600_000;
/** Maven prints pages when it fails; the last MiB is enough to find its first error. */
const MAVEN_OUTPUT_BYTES = 1_048_576;

const run = promisify(execFile);

export interface JarsOptions {
  /** deploy/ground of the clone. */
  readonly sourceDir: string;
  /** .tocsin/cache of the clone. */
  readonly cacheDir: string;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * The folder with Kafka, the document store and our launcher, downloaded once. Everything is staged aside and renamed when it is whole; each start checks
 * every jar against deploy/ground/checksums.sha256 and the folder's own manifest, and downloads again what does not hold.
 */
export async function ensureJars(options: JarsOptions): Promise<string> {
  const pinned = parseChecksums(readFileSync(join(options.sourceDir, 'checksums.sha256'), 'utf8'));
  const folder = join(options.cacheDir, `ground-${sourceHash(options.sourceDir)}`);
  if (existsSync(folder)) {
    const damage = findDamage(folder, pinned);
    if (damage.length === 0) return folder;
    options.progress(`The download of Kafka and the document store is damaged (${damage[0]}); downloading it again.`);
    rmSync(folder, { recursive: true, force: true });
  }
  requireDiskSpace(options.cacheDir);
  const repository = join(options.cacheDir, 'maven');
  // Maven trusts what lies in its repository, a file cut by an earlier end included: what fails with an old one is tried once more from nothing.
  if (existsSync(repository)) {
    options.progress('Fetching Kafka and the document store from what was downloaded before.');
    try {
      if (await download(options, folder, repository, pinned)) return folder;
    } catch (failure) {
      if (!(failure instanceof TocsinError) || failure.reason !== 'DOWNLOAD_FAILED') throw failure;
    }
    rmSync(repository, { recursive: true, force: true });
  }
  options.progress('Downloading Kafka and the document store (60 MB, once).');
  if (await download(options, folder, repository, pinned)) return folder;
  throw groundFault(
    'DOWNLOAD_DAMAGED',
    'What Maven downloaded does not match deploy/ground/checksums.sha256: check the mirror in your Maven settings.',
  );
}

/** False when what came does not match its checksums. */
async function download(options: JarsOptions, folder: string, repository: string, pinned: Checksums): Promise<boolean> {
  const staging = join(options.cacheDir, `staging-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  try {
    await runMaven(options, staging, repository);
    const jars = join(staging, 'jars');
    writeManifest(jars);
    if (findDamage(jars, pinned).length > 0) return false;
    try {
      renameSync(jars, folder);
    } catch (failure) {
      // Another start was faster; its folder was whole before it had that name.
      if (!existsSync(folder)) throw failure;
    }
    return true;
  } catch (failure) {
    throw isNoSpace(failure) ? diskFull(options.cacheDir, 'no space is left') : failure;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function runMaven(options: JarsOptions, staging: string, repository: string): Promise<void> {
  const pom = join(options.sourceDir, 'pom.xml');
  // --strict-checksums: a file whose checksum in the registry does not match fails the download.
  const args = [
    '-B',
    '-q',
    '-ntp',
    '--strict-checksums',
    '-f',
    pom,
    `-Dmaven.repo.local=${repository}`,
    `-Dground.out=${staging}`,
    'package',
  ];
  try {
    await run('mvn', args, {
      timeout: DOWNLOAD_DEADLINE_MS,
      maxBuffer: MAVEN_OUTPUT_BYTES,
      ...(options.signal && { signal: options.signal }),
    });
  } catch (failure) {
    if (isNoSpace(failure)) throw failure;
    if (failure instanceof Error && 'code' in failure && failure.code === 'ENOENT') {
      throw groundFault('MAVEN_MISSING', 'Maven is missing (mvn does not run): install it, e.g. apt-get install maven.', failure);
    }
    throw groundFault(
      'DOWNLOAD_FAILED',
      `Maven could not download the ground (${firstError(failure)}): check the network, then start again.`,
      failure,
    );
  }
}

function firstError(failure: unknown): string {
  const output = failure instanceof Error && 'stdout' in failure ? String(failure.stdout) : String(failure);
  const line = output.split('\n').find((text) => text.startsWith('[ERROR]')) ?? 'no reason given';
  const plain = line.replace('[ERROR] ', '').trim();
  return plain.length > 300 ? `${plain.slice(0, 300)}...` : plain;
}

/** Changes with the POM, the checksums and the launcher, so that a new version never runs on old jars. */
function sourceHash(sourceDir: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(sourceDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(java|xml|sha256)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${sourceDir}/target/`))
    .toSorted();
  for (const file of files) hash.update(file.slice(sourceDir.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
