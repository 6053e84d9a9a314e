import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, repositoryRoot, waitUntil } from '@tocsin/testing';

const run = promisify(execFile);
/** ms: 1 MB from the registry, seconds on a slow line. */
const DOWNLOAD_DEADLINE_MS = 180_000;
const START_DEADLINE_MS = 30_000;

/** jsmpp's SMSC simulator: a real peer that no one here wrote. It knows one login. */
export interface Jsmpp {
  readonly port: number;
  readonly login: { readonly systemId: 'j'; readonly password: 'jpwd' };
  stop(): void;
}

export async function startJsmpp(): Promise<Jsmpp> {
  const jars = await ensurePeerJars();
  const [port = 0] = await freePorts(1);
  const child = spawn(
    'java',
    [`-Djsmpp.simulator.port=${port}`, '-Xmx128m', '-cp', join(jars, '*'), 'org.jsmpp.examples.SMPPServerSimulator'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  // Its log says when: a connection made to try the port would keep it waiting for a bind for seconds.
  let listening = false;
  child.stderr.on('data', (chunk: Buffer) => (listening ||= chunk.includes('Listening on port')));
  await waitUntil('jsmpp listens', () => listening, START_DEADLINE_MS);
  return { port, login: { systemId: 'j', password: 'jpwd' }, stop: () => void child.kill('SIGKILL') };
}

/** The jars of integration-tests/peers/pom.xml, downloaded once into the clone's cache. */
async function ensurePeerJars(): Promise<string> {
  const root = repositoryRoot();
  const pom = join(root, 'integration-tests/peers/pom.xml');
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const folder = join(root, '.tocsin/cache', `peers-${hash}`);
  if (existsSync(folder)) return folder;
  const staging = `${folder}-${process.pid}`;
  const repository = `-Dmaven.repo.local=${join(root, '.tocsin/cache/maven')}`;
  const args = ['-q', '-B', '--strict-checksums', '-f', pom, repository, 'dependency:copy-dependencies', `-DoutputDirectory=${staging}`];
  await run('mvn', args, { timeout: DOWNLOAD_DEADLINE_MS });
  if (existsSync(folder)) rmSync(staging, { recursive: true });
  else renameSync(staging, folder);
  return folder;
}
