import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedGround } from './ground/embedded-ground.js';
import { ensureKeyFile } from './ground/key-file.js';
import { freePorts } from './process/free-ports.js';
import { repositoryRoot } from './repository-root.js';

/** "brokers|mongoUri|keyFile" of a ground that already runs; set by the run's global set-up, or by a person for a ground kept warm. */
const GROUND_VARIABLE = 'TOCSIN_TEST_GROUND';

/** Real Kafka and the real database for one test run, shared by its files; each file takes its own prefix. */
export interface TestGround {
  readonly brokers: readonly string[];
  readonly mongoUri: string;
  readonly keyFile: string;
  /** A prefix no other test uses: topics, groups and databases. */
  readonly prefix: string;
  stop(): Promise<void>;
}

/** Joins the ground the run started (vitest global set-up), or starts one on free ports in a temporary folder. */
export async function startGround(): Promise<TestGround> {
  return joinGround() ?? (await startOwnGround());
}

/** The value of TOCSIN_TEST_GROUND that lets others join this ground. */
export function describeGround(ground: TestGround): string {
  return [ground.brokers.join(','), ground.mongoUri, ground.keyFile].join('|');
}

function joinGround(): TestGround | undefined {
  const described = process.env[GROUND_VARIABLE];
  if (described === undefined || described === '') return undefined;
  const [brokers, mongoUri, keyFile] = described.split('|');
  if (brokers === undefined || mongoUri === undefined || keyFile === undefined) {
    throw new Error(`${GROUND_VARIABLE} must read "brokers|mongoUri|keyFile".`);
  }
  return { brokers: brokers.split(','), mongoUri, keyFile, prefix: newPrefix(), stop: () => Promise.resolve() };
}

async function startOwnGround(): Promise<TestGround> {
  const root = repositoryRoot();
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-ground-'));
  const keyFile = join(folder, 'platform.key');
  ensureKeyFile(keyFile);
  const [kafka, controller, store] = await freePorts(3);
  if (kafka === undefined || controller === undefined || store === undefined) throw new Error('no free ports');
  const ground = await startEmbeddedGround({
    root,
    dataDir: join(folder, 'data'),
    cacheDir: join(root, '.tocsin', 'cache'),
    logDir: join(folder, 'logs'),
    ports: { kafka, controller, store },
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  return {
    brokers: ground.brokers,
    mongoUri: ground.mongoUri,
    keyFile,
    prefix: newPrefix(),
    stop: async () => {
      await ground.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Letters, digits and a dash: what topics, groups and database names all take. */
function newPrefix(): string {
  return `t${randomBytes(5).toString('hex')}-`;
}
