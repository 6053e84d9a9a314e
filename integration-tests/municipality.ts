import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliResult, RunningStack } from './stack.js';

/** A municipality as its people meet Tocsin: a tenant, an author, an approver, each with a key. */
export interface Municipality {
  readonly tenantId: string;
  readonly author: string;
  readonly approver: string;
}

/** What a tool answers with --json; throws with what it said when it did not end well. */
export function jsonOf(result: CliResult): Record<string, unknown> {
  if (result.code !== 0) throw new Error(`exit code ${result.code}: ${result.stderr || result.stdout}`);
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
}

export async function newMunicipality(
  stack: RunningStack,
  name: string,
  options: { readonly insee?: string; readonly threshold?: number } = {},
): Promise<Municipality> {
  const made = jsonOf(
    await stack.cli([
      'tenant',
      'create',
      '--name',
      name,
      '--insee',
      options.insee ?? '44109',
      '--approval-threshold',
      String(options.threshold ?? 0),
      '--sms-sender',
      'MAIRIE',
      '--mail-from',
      'alerte@mairie.test',
      '--json',
    ]),
  );
  const { tenantId } = made['tenant'] as { tenantId: string };
  const author = await newPerson(stack, tenantId, 'Auteur', ['author', 'registrar', 'reader', 'approver']);
  const approver = await newPerson(stack, tenantId, 'Valideuse', ['approver', 'reader']);
  return { tenantId, author, approver };
}

export async function newPerson(
  stack: RunningStack,
  tenantId: string,
  name: string,
  roles: readonly string[],
  kind = 'agent',
): Promise<string> {
  const flags = roles.flatMap((role) => ['--role', role]);
  const made = jsonOf(await stack.cli(['principal', 'create', '--tenant', tenantId, '--name', name, '--kind', kind, ...flags, '--json']));
  const { principalId } = made['principal'] as { principalId: string };
  const issued = jsonOf(await stack.cli(['key', 'issue', '--tenant', tenantId, '--principal', principalId, '--json']));
  return issued['secret'] as string;
}

export function csvFile(lines: readonly string[], encoding: BufferEncoding = 'utf8'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-csv-')), 'registre.csv');
  writeFileSync(file, lines.join('\r\n') + '\r\n', encoding);
  return file;
}

/** Numbers of the block reserved for fiction: 06 39 98 xx xx. */
export function fictionalMobile(n: number): string {
  return `063998${String(n).padStart(4, '0')}`;
}

/** A register of people with a number, every fourth with a mailbox too. */
export function registerOf(count: number, from = 0): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const n = from + at;
    return `Personne${n};Prénom;${fictionalMobile(n)};${n % 4 === 0 ? `personne${n}@residents.example` : ''};1 rue de l'Église;44000;Nantes`;
  });
  return csvFile(['Nom;Prénom;Téléphone;Courriel;Adresse;Code postal;Commune', ...rows]);
}

/** Draft for everybody, previewed and approved; answers its id. */
export async function readyCampaign(stack: RunningStack, town: Municipality, text: string, extra: readonly string[] = []): Promise<string> {
  const draft = jsonOf(
    await stack.cli(
      [
        'campaign',
        'create',
        '--title',
        'Alerte',
        '--lane',
        'standard',
        '--everyone',
        '--message',
        `sms=${text}`,
        '--message',
        `email=${text}`,
        '--subject',
        'email=Information',
        '--expires',
        '+2h',
        ...extra,
        '--json',
      ],
      town.author,
    ),
  );
  const { campaignId } = draft['campaign'] as { campaignId: string };
  jsonOf(await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author));
  jsonOf(await stack.cli(['campaign', 'approve', campaignId, '--json'], town.approver));
  return campaignId;
}

export interface TallyView {
  readonly recipients: number;
  readonly terminal: number;
  readonly pending: number;
  readonly delivered: number;
  readonly acceptedClosed: number;
  readonly failed: number;
  readonly suppressed: number;
  readonly expired: number;
  readonly cancelled: number;
}

/** G18: recipients are the sum of their ends and of those still pending. */
export function accounted(tally: TallyView): number {
  return tally.delivered + tally.acceptedClosed + tally.failed + tally.suppressed + tally.expired + tally.cancelled + tally.pending;
}
