import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { ImportState, type Import } from '@tocsin/contracts/subscribers/v1/registers_service';
import { inContext, type CommandContext } from '../command-context.js';
import { EXIT } from '../exit-codes.js';
import { collect, enumName, registerKind } from '../option-values.js';
import { pages } from '../pages.js';
import { CALL } from '../platform.js';
import { startProgress } from '../progress.js';
import { importFile } from '../register/import-stream.js';
import { count, wordFor, type Words } from '../text/catalogue.js';
import { table } from '../text/table.js';
import { UsageError } from '../usage-error.js';
import { when } from '../views/tenant-view.js';

interface ImportOptions {
  readonly register: string;
  readonly group?: readonly string[];
  readonly purpose: string;
  readonly verdicts?: boolean;
}

export function addRegisterCommands(program: Command): void {
  const register = program.command('register').description('registers of contacts');
  register
    .command('import <file>')
    .description('stream a CSV file into a register; rows that are wrong are said one by one, the others are kept')
    .option('--register <kind>', 'general, vulnerable, plp', 'general')
    .option('--group <group>', 'group every row joins; several times', collect)
    .option('--purpose <purpose>', 'purpose of the consent', 'alert')
    .option('--verdicts', 'list the rows that were refused or merged, with line and reason')
    .action((file: string, options: ImportOptions, command: Command) => inContext(command, (context) => runImport(context, file, options)));
  register
    .command('show')
    .description('how many contacts, and its groups')
    .option('--register <kind>', 'general, vulnerable, plp', 'general')
    .action((options: { readonly register: string }, command: Command) =>
      inContext(command, async ({ platform, output, tenantId }) => {
        const answer = await platform.registers.getRegister({ tenantId, register: registerKind(options.register) }, CALL);
        const found = answer.register;
        output.result({ register: found ? { ...found, register: enumName(RegisterKind, found.register) } : null }, () => [
          `${output.words('contacts')}: ${count(output.words, found?.contacts ?? 0)}`,
          ...table(
            [output.words('group'), output.words('contacts')],
            (found?.groups ?? []).map((row) => [row.group, row.contacts]),
          ),
        ]);
      }),
    );
}

async function runImport(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const { platform, output, tenantId, idempotencyKey } = context;
  const size = sizeOf(file);
  const header = {
    idempotencyKey,
    tenantId,
    register: registerKind(options.register),
    fileName: basename(file),
    purpose: options.purpose,
    groups: [...(options.group ?? [])],
  };
  const progress = startProgress(header.fileName, output.json);
  let done: Import;
  try {
    done = await importFile(platform, file, header, (bytes, state) =>
      progress.update(bytes, size, `${output.words('rows')}: ${count(output.words, state?.rows ?? 0)}`),
    );
  } finally {
    progress.stop();
  }
  const verdicts = options.verdicts === true ? await readVerdicts(context, done.importId) : undefined;
  output.result({ import: importView(done), ...(verdicts ? { verdicts } : {}) }, () => [
    ...importLines(output.words, done),
    ...table(
      [output.words('line'), output.words('verdict'), output.words('reason'), output.words('column')],
      (verdicts ?? []).map((row) => [
        row.line,
        wordFor(output.words, 'verdict', row.verdict),
        wordFor(output.words, 'reason', row.reason),
        row.column,
      ]),
    ),
  ]);
  if (done.state === ImportState.FAILED || tookNothing(done)) context.exitWith(EXIT.failed);
}

interface VerdictRow {
  readonly line: number;
  readonly verdict: string;
  readonly reason: string;
  readonly column: string;
}

async function readVerdicts({ platform, tenantId }: CommandContext, importId: string): Promise<VerdictRow[]> {
  const rows: VerdictRow[] = [];
  const verdicts = pages(async (pageToken) => {
    const answer = await platform.registers.listVerdicts({ tenantId, importId, pageSize: 500, pageToken }, CALL);
    return { items: answer.verdicts, next: answer.nextPageToken };
  });
  for await (const verdict of verdicts) rows.push(verdict);
  return rows;
}

function importView(done: Import): object {
  return {
    ...done,
    register: enumName(RegisterKind, done.register),
    state: enumName(ImportState, done.state),
    startedAt: when(done.startedAt),
    finishedAt: when(done.finishedAt),
  };
}

/** Every row was refused: something is wrong with the file, not with a row of it. */
function tookNothing({ rows, refused }: Import): boolean {
  return rows > 0 && refused === rows;
}

function importLines(words: Words, done: Import): string[] {
  const counts = (['rows', 'created', 'updated', 'unchanged', 'merged', 'refused'] as const)
    .map((name) => `${words(name)}: ${count(words, done[name])}`)
    .join(' · ');
  const failed = done.state === ImportState.FAILED;
  return [
    failed ? `${words('importFailed')}: ${done.failure}` : `${words('imported')} (${done.importId})`,
    counts,
    ...(tookNothing(done) ? [words('nothingTaken')] : []),
    ...done.refusals.map((row) => `  ${wordFor(words, 'reason', row.reason)}: ${count(words, row.count)}`),
  ];
}

function sizeOf(file: string): number {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) throw new UsageError(`The file ${file} cannot be read.`);
  return found.size;
}
