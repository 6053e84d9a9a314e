import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import type { Ground, GroundOptions } from './ground.js';
import { GROUND_OFFSETS } from './port-plan.js';

/** Images of 700 MB may have to be pulled first. */
const UP_DEADLINE_MS = 900_000;
const ENGINE_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 60_000;

const run = promisify(execFile);

/** The real images of deploy/compose.ground.yaml; their volumes persist until `docker compose down -v`. */
export async function startDockerGround(options: GroundOptions): Promise<Ground> {
  const kafka = options.firstPort + GROUND_OFFSETS.kafka;
  const store = options.firstPort + GROUND_OFFSETS.store;
  const env = { ...process.env, TOCSIN_KAFKA_PORT: String(kafka), TOCSIN_MONGO_PORT: String(store) };
  const compose = async (args: readonly string[], timeout: number): Promise<string> =>
    (await run('docker', ['compose', '-f', join(options.paths.root, 'deploy', 'compose.ground.yaml'), ...args], { env, timeout })).stdout;
  await requireEngine();
  options.progress('Starting the images of deploy/compose.ground.yaml.');
  try {
    await compose(['up', '--detach', '--wait'], UP_DEADLINE_MS);
  } catch (failure) {
    const said = failure instanceof Error && 'stderr' in failure ? String(failure.stderr).trim().split('\n').at(-1) : String(failure);
    throw refusal(
      'GROUND_FAILED',
      `docker compose could not start the ground (${said}): check the engine and its registry, or use TOCSIN_GROUND=embedded.`,
    );
  }
  return {
    kind: 'docker',
    brokers: [`127.0.0.1:${kafka}`],
    mongoUri: `mongodb://127.0.0.1:${store}`,
    versions: await imageVersions(compose),
    processes: [],
    stop: async () => {
      await compose(['stop'], STOP_DEADLINE_MS);
    },
  };
}

async function requireEngine(): Promise<void> {
  try {
    await run('docker', ['info', '--format', '{{.ServerVersion}}'], { timeout: ENGINE_DEADLINE_MS });
  } catch (failure) {
    const missing = failure instanceof Error && 'code' in failure && failure.code === 'ENOENT';
    const what = missing ? 'Docker is not installed' : 'No Docker engine answers';
    throw refusal('DOCKER_MISSING', `${what}: start one, or use TOCSIN_GROUND=embedded (Java and Maven) or external (addresses).`);
  }
}

async function imageVersions(compose: (args: readonly string[], timeout: number) => Promise<string>): Promise<Record<string, string>> {
  const images = (await compose(['config', '--images'], ENGINE_DEADLINE_MS)).trim().split('\n');
  const version = (name: string): string => images.find((image) => image.includes(name)) ?? 'unknown';
  return { kafka: version('kafka'), documents: version('mongo') };
}

function refusal(reason: string, sentence: string): TocsinError {
  return new TocsinError('FAILED_PRECONDITION', reason, sentence);
}
