import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TakenBackup } from './take-backup.js';

/** Files of this shape are backups of ours; their names sort by time. */
const NAME = /^tocsin-\d{8}T\d{6}Z\.backup$/;

/** "tocsin-20261126T054500Z.backup". */
export function backupName(takenAt: number): string {
  return `tocsin-${new Date(takenAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')}.backup`;
}

/** Removes all but the newest backups of a folder, and what a crash left half written; answers the names removed. */
export function prune(folder: string, keep: number): string[] {
  const names = readdirSync(folder);
  const backups = names.filter((name) => NAME.test(name)).toSorted();
  const gone = [
    ...backups.slice(0, Math.max(0, backups.length - keep)),
    ...names.filter((name) => NAME.test(name.replace(/\.part$/, '')) && name.endsWith('.part')),
  ];
  for (const name of gone) rmSync(join(folder, name), { force: true });
  return gone;
}

/**
 * Says beside the backups when the last one was begun, for programs (last.json) and for whoever collects metrics from files (tocsin_backup.prom): an alert
 * on its age tells of a backup that no longer comes, whatever the cause.
 */
export function noteBackup(folder: string, { path, takenAt, endedAt, bytes }: TakenBackup): void {
  put(join(folder, 'last.json'), `${JSON.stringify({ path, takenAt, endedAt, bytes })}\n`);
  put(
    join(folder, 'tocsin_backup.prom'),
    [
      '# HELP tocsin_backup_taken_timestamp_seconds When the last complete backup was begun.',
      '# TYPE tocsin_backup_taken_timestamp_seconds gauge',
      `tocsin_backup_taken_timestamp_seconds ${takenAt / 1_000}`,
      '# HELP tocsin_backup_bytes Size of the last complete backup.',
      '# TYPE tocsin_backup_bytes gauge',
      `tocsin_backup_bytes ${bytes}`,
      '',
    ].join('\n'),
  );
}

function put(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}
