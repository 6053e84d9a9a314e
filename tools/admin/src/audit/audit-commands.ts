import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { TocsinError } from '@tocsin/errors';
import { loadAuditMac } from '@tocsin/sealing';
import { withKafka, withStore } from '../connections.js';
import { keyFileOf, type Variables } from '../environment.js';
import type { Run } from '../report.js';
import { anchorLine, type KeptAnchor, readAnchors } from './anchor-text.js';
import { type AuditReport, verifyAudit } from './verify-audit.js';

interface VerifyOptions {
  readonly tenant?: string[];
  readonly expect?: string[];
  readonly expectFile?: string;
}

/** tocsin-admin audit verify, audit head. */
export function addAuditCommands(program: Command, variables: Variables, run: Run): void {
  const verified = (named: readonly string[], kept: readonly KeptAnchor[]): Promise<AuditReport> => {
    const mac = loadAuditMac(keyFileOf(variables));
    return withStore(variables, (store) => withKafka(variables, (kafka) => verifyAudit(store, kafka, mac, named, kept)));
  };

  const audit = program.command('audit').description('whether what was written down about who did what still stands');
  audit
    .command('verify')
    .description(
      'walk every audit and name the first entry that was edited, moved, put in, taken out or cut off; exit code 1 if there is one',
    )
    .option('--tenant <id...>', 'only these; "platform" is the platform\'s own')
    .option('--expect <head...>', 'heads as "audit head" printed them, kept outside')
    .option('--expect-file <file>', 'a file of such heads')
    .action(({ tenant, expect, expectFile }: VerifyOptions) =>
      run(async () => {
        const kept = readAnchors([...(expect ?? []), ...(expectFile === undefined ? [] : [textOf(expectFile)])].join('\n'));
        const { reports, forgedHeads } = await verified(tenant ?? [], kept);
        const broken = reports.filter((report) => report.finding !== undefined);
        const entries = reports.reduce((sum, report) => sum + report.entries, 0);
        const lines = [
          ...broken.map(({ scope, finding }) => `${scope}: ${finding?.kind}: ${finding?.says}`),
          ...forgedHeads.map((scope) => `${scope}: a head was written without the platform key.`),
          `${reports.length} audits, ${entries} entries hold, ${broken.length} do not`,
        ];
        const findings = broken.map(({ scope, finding }) => ({ scope, ...finding }));
        return { json: { audits: reports.length, entries, findings, forgedHeads }, lines, ok: broken.length + forgedHeads.length === 0 };
      }),
    );
  audit
    .command('head')
    .description('print how far each audit has come, to be kept outside of the platform; refuses one that does not hold')
    .option('--tenant <id...>', 'only these; "platform" is the platform\'s own')
    .option('--out <file>', 'write the lines into a file, too')
    .action(({ tenant, out }: { tenant?: string[]; out?: string }) =>
      run(async () => {
        const { reports } = await verified(tenant ?? [], []);
        const broken = reports.find((report) => report.finding !== undefined);
        if (broken) {
          const message = `The audit ${broken.scope} does not hold: ${broken.finding?.says} Run audit verify.`;
          throw new TocsinError('FAILED_PRECONDITION', 'AUDIT_BROKEN', message);
        }
        const heads = reports.filter(({ entries }) => entries > 0).map(({ scope, entries, hash }) => ({ scope, seq: entries, hash }));
        const lines = heads.map(anchorLine);
        if (out !== undefined) writeFileSync(out, lines.map((line) => `${line}\n`).join(''));
        return { json: { heads: heads.map((head) => ({ ...head, hash: head.hash.toString('hex') })) }, lines, ok: true };
      }),
    );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TocsinError('FAILED_PRECONDITION', 'FILE_UNREADABLE', `${file} cannot be read.`, { cause });
  }
}
