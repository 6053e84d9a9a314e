import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { TocsinError } from '@tocsin/errors';
import type { Variables } from '../environment.js';
import type { Answer } from '../report.js';
import { collectBackup } from './collect/backup.js';
import { collectDisks } from './collect/disks.js';
import { collectKafka } from './collect/kafka.js';
import { readAddresses, readStack, type Installation } from './collect/known-processes.js';
import { collectProcesses } from './collect/processes.js';
import { collectStore } from './collect/store.js';
import { diagnose } from './diagnose.js';
import { inWords } from './in-words.js';
import { runbookOf } from './finding.js';

/** Seconds between two looks at counters when nothing is said. */
const DEFAULT_SECONDS = 3;
/** Longest that may be asked for. */
const MAX_SECONDS = 60;
/** Set for the same command run where Kafka and the store of a stack are reached. */
const INSIDE = 'TOCSIN_DOCTOR_INSIDE';

interface Options {
  readonly stack?: string;
  readonly addresses?: string;
  readonly disk?: string[];
  readonly backups?: string;
  readonly seconds: string;
}

/** `tocsin-admin doctor`: says in sentences what is wrong with an installation. Exit code 0: nothing; 1: something, or it could not be asked. */
export function doctorCommand(variables: Variables, run: (work: () => Promise<Answer>) => Promise<void>): Command {
  return new Command('doctor')
    .exitOverride()
    .description('say in sentences what is wrong: causes first, with evidence and where to read what to do')
    .option('--stack <file>', 'state file of a running stack', defaultStack(variables))
    .option('--addresses <file>', 'instead of a stack: JSON list of {name, http, site}')
    .option('--disk <path...>', 'folders whose disks are looked at (a stack: its own)')
    .option('--backups <folder>', 'where backups are kept: how old is the newest?')
    .option('--seconds <n>', 'between two looks at counters', String(DEFAULT_SECONDS))
    .action((options: Options) => run(() => examine(variables, options)));
}

async function examine(variables: Variables, options: Options): Promise<Answer> {
  const seconds = Number(options.seconds);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new TocsinError('INVALID_ARGUMENT', 'SECONDS', `--seconds takes a number up to ${MAX_SECONDS}.`);
  }
  const stack = options.addresses === undefined ? resolve(options.stack ?? '') : undefined;
  const installation = stack === undefined ? readAddresses(resolve(options.addresses ?? '')) : readStack(stack);
  if (installation.prefix.length > 0 && variables[INSIDE] === undefined) runInside(installation.prefix);
  const settings = { ...installation.settings, ...variables };
  const [processes, kafka, store, disks] = await Promise.all([
    collectProcesses(installation.processes, seconds),
    settings['TOCSIN_KAFKA_BROKERS'] ? collectKafka(settings) : undefined,
    settings['TOCSIN_MONGO_URI'] ? collectStore(settings) : undefined,
    collectDisks(options.disk ?? (stack === undefined ? [] : disksOf(dirname(stack)))),
  ]);
  const found = diagnose({ at: Date.now(), seconds, processes, kafka, store, disks, backup: collectBackup(options.backups) });
  const json = {
    healthy: found.length === 0,
    asked: asked(installation, kafka !== undefined, store !== undefined),
    findings: found.map(({ follows, ...finding }) => ({
      ...finding,
      runbook: runbookOf(finding),
      follows: follows.map(({ kind, subject, sentence }) => ({ kind, subject, sentence })),
    })),
  };
  return { json, lines: inWords(found, json.asked), ok: found.length === 0 };
}

/** What the answer rests on: who was not asked cannot be found ill. */
function asked({ processes }: Installation, kafka: boolean, store: boolean): string {
  const missing = [kafka ? '' : 'Kafka (TOCSIN_KAFKA_BROKERS)', store ? '' : 'the store (TOCSIN_MONGO_URI)'].filter(Boolean);
  const rest = missing.length === 0 ? ', Kafka and the store' : `; not asked: ${missing.join(', ')}`;
  return `${processes.length} processes${rest}`;
}

/** A stack with networks of its own is asked from within; the same command does it. */
function runInside(prefix: readonly string[]): never {
  const [command = '', ...words] = prefix;
  const done = spawnSync(command, [...words, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  if (done.error) process.stderr.write(`${command} could not be run: ${done.error.message}\n`);
  process.exit(done.status ?? 1);
}

/** A stack's own folder, and those of its ground, which may lie on disks of their own. */
function disksOf(state: string): readonly string[] {
  const ground = join(state, 'ground');
  const inside = existsSync(ground) ? readdirSync(ground).map((name) => join(ground, name)) : [];
  return [state, ground, ...inside];
}

function defaultStack(variables: Variables): string {
  return join(variables['TOCSIN_STACK_STATE_DIR'] ?? join(import.meta.dirname, '../../../../.tocsin'), 'stack.json');
}
