import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { TocsinError } from '@tocsin/errors';
import { openArchive, type Archive } from '@tocsin/mongo';
import { readKeyFile } from '@tocsin/sealing';
import { quiet, withKafka } from '../connections.js';
import { storeEnvironment, type Variables } from '../environment.js';
import type { Answer, Run } from '../report.js';
import { readBackup } from './read-backup.js';
import { backupName, noteBackup, prune } from './repeated-backups.js';
import { restoreBackup } from './restore-backup.js';
import { takeBackup, type TakenBackup } from './take-backup.js';

interface BackupOptions {
  readonly out: string;
  readonly key: string;
  readonly every?: string;
  readonly keep?: string;
  readonly share: string;
}

interface FromOptions {
  readonly from: string;
  readonly key: string;
}

/** Part of the store's time that reading takes when nothing else is said: a backup of 5 minutes must not be felt. */
const SHARE = '0.3';
/** Backups kept by a repeated one: an hour of one every 5 minutes. */
const KEPT = '12';
const MINUTE_MS = 60_000;

/** tocsin-admin backup, verify-backup, restore. */
export function addBackupCommands(program: Command, variables: Variables, run: Run): void {
  const open = (database: string): Promise<Archive> => {
    const { store, databasePrefix } = storeEnvironment(variables);
    return openArchive(store, `${databasePrefix}${database}`, quiet());
  };
  const take = (path: string, { key, share }: BackupOptions): Promise<TakenBackup> =>
    withKafka(variables, (kafka) => takeBackup({ kafka, open, key: readKeyFile(key), share: shareOf(share), now: () => Date.now() }, path));

  program
    .command('backup')
    .description('copy everything a restore needs into one sealed file, while the platform runs')
    .requiredOption('--out <file|folder>', 'file to write; a folder gets one named after the time')
    .requiredOption('--key <file>', '64 hexadecimal characters, readable by its owner only; keep it where the backups are not')
    .option('--every <minutes>m', 'go on: a backup so often, into a folder, e.g. 5m')
    .option('--keep <backups>', `how many stay in the folder; with --every ${KEPT} where nothing is said, else all`)
    .option('--share <part>', "part of the store's time that reading may take, 0.05 to 1", SHARE)
    .action((options: BackupOptions) =>
      run(() => (options.every === undefined ? once(options, take) : repeat(options, options.every, take))),
    );

  program
    .command('verify-backup')
    .description('read a backup to its end and say what is in it')
    .requiredOption('--from <file>', 'the backup')
    .requiredOption('--key <file>', 'its key')
    .action(({ from, key }: FromOptions) =>
      run(async () => {
        const { beginning, ending } = await readBackup(from, readKeyFile(key), () => Promise.resolve());
        const { documents, records } = ending;
        const json = { takenAt: beginning.takenAt, documents, records };
        return { json, lines: [`${from} is whole: ${counted(ending)}, taken ${new Date(beginning.takenAt).toISOString()}`], ok: true };
      }),
    );

  program
    .command('restore')
    .description('read a backup into an empty Kafka and an empty store; start the services afterwards')
    .requiredOption('--from <file>', 'the backup')
    .requiredOption('--key <file>', 'its key')
    .action(({ from, key }: FromOptions) =>
      run(() =>
        withKafka(variables, async (kafka) => {
          const began = Date.now();
          const restored = await restoreBackup({ kafka, open, key: readKeyFile(key), now: () => Date.now() }, from);
          const { takenAt, documents, records, unheard, auditTrimmed } = restored;
          const rpoSeconds = Math.round((began - takenAt) / 1_000);
          const rtoSeconds = Math.round((Date.now() - began) / 100) / 10;
          const lines = [
            `Restored: ${counted(restored)}.`,
            `It was begun ${new Date(takenAt).toISOString()}, ${rpoSeconds} s before this restore: what was decided since is lost (RPO).`,
            `The restore took ${rtoSeconds} s (RTO, without starting the services).`,
          ];
          return { json: { takenAt, rpoSeconds, rtoSeconds, documents, records, unheard, auditTrimmed }, lines, ok: true };
        }),
      ),
    );
}

async function once(options: BackupOptions, take: (path: string, options: BackupOptions) => Promise<TakenBackup>): Promise<Answer> {
  const folder = isFolder(options.out);
  const keep = options.keep === undefined ? undefined : keptOf(options.keep);
  const path = folder ? join(options.out, backupName(Date.now())) : options.out;
  if (existsSync(path)) throw new TocsinError('FAILED_PRECONDITION', 'FILE_TAKEN', `${path} exists; a backup writes over nothing.`);
  const taken = await take(path, options);
  if (folder) noteBackup(options.out, taken);
  if (folder && keep !== undefined) prune(options.out, keep);
  const seconds = Math.round((taken.endedAt - taken.takenAt) / 100) / 10;
  return { json: { ...taken, seconds }, lines: [`${path}: ${counted(taken)}, ${taken.bytes} bytes, ${seconds} s`], ok: true };
}

/** Ends only by a signal: one that fails is said, and the next is tried in its time. */
async function repeat(
  options: BackupOptions,
  every: string,
  take: (path: string, options: BackupOptions) => Promise<TakenBackup>,
): Promise<Answer> {
  const minutes = Number(/^(\d{1,4})m$/.exec(every)?.[1] ?? '0');
  const keep = keptOf(options.keep ?? KEPT);
  if (minutes < 1) throw new TocsinError('INVALID_ARGUMENT', 'EVERY_MALFORMED', '--every must be minutes such as 5m.');
  if (!isFolder(options.out))
    throw new TocsinError('FAILED_PRECONDITION', 'FOLDER_MISSING', `${options.out} must be a folder with --every.`);
  const ended = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ended.abort());
  let taken = 0;
  while (!ended.signal.aborted) {
    const began = Date.now();
    try {
      const path = join(options.out, backupName(began));
      noteBackup(options.out, await take(path, options));
      prune(options.out, keep);
      taken += 1;
      process.stdout.write(`${JSON.stringify({ path, seconds: (Date.now() - began) / 1_000 })}\n`);
    } catch (error) {
      process.stderr.write(`tocsin-admin: the backup failed: ${error instanceof Error ? error.message : String(error)}\n`);
    }
    const rest = Math.max(0, began + minutes * MINUTE_MS - Date.now());
    await pause(rest, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  return { json: { taken }, lines: [`${taken} backups taken`], ok: true };
}

function counted({
  documents,
  records,
}: {
  readonly documents: Readonly<Record<string, number>>;
  readonly records: Readonly<Record<string, number>>;
}): string {
  const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((total, count) => total + count, 0);
  return `${sum(documents)} documents, ${sum(records)} records`;
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function keptOf(text: string): number {
  const keep = Number(text);
  if (Number.isInteger(keep) && keep >= 1) return keep;
  throw new TocsinError('INVALID_ARGUMENT', 'KEEP_MALFORMED', '--keep must be a whole number from 1.');
}

function shareOf(text: string): number {
  const share = Number(text);
  if (share >= 0.05 && share <= 1) return share;
  throw new TocsinError('INVALID_ARGUMENT', 'SHARE_MALFORMED', '--share must be a number from 0.05 to 1.');
}
