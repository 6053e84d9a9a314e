import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type CliResult, type RunningStack } from './stack.js';

let stack: RunningStack | undefined;
const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
const register = join(folder, 'habitants.csv');
/** Numbers and mailboxes of the ranges reserved for fiction; one row is bad. */
writeFileSync(
  register,
  '\uFEFFNom;Prénom;Portable;Courriel;Groupe\nMartin;Zoé;06 39 98 01 01;;quai\nDurand;Léa;;lea@example.net;quai\nPetit;Ali;+33639980103;ali@example.net;bourg\nSans;Rien;12;;quai\n',
);

beforeAll(async () => {
  stack = await startStack();
}, 300_000);
afterAll(() => stack?.stop(), 120_000);

async function cli(args: readonly string[], key?: string): Promise<CliResult> {
  if (stack === undefined) throw new Error('no stack');
  return stack.cli(args, key);
}

/** Runs a command that must work and reads its JSON. */
async function json<T>(args: readonly string[], key?: string): Promise<T> {
  const result = await cli([...args, '--json'], key);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(result.stdout) as T;
}

describe('the command line takes a municipality from nothing to a report', () => {
  let tenant = '';
  const keys = new Map<string, string>();
  let campaign = '';

  it('a tenant, two people, and keys that are written to files only their owner reads', async () => {
    const made = await json<{ tenant: { tenantId: string } }>([
      'tenant',
      'create',
      '--name',
      'Ville',
      '--insee',
      '45234',
      '--sms-sender',
      'VILLE',
    ]);
    tenant = made.tenant.tenantId;
    for (const [name, roles] of Object.entries({ author: ['author', 'registrar'], approver: ['approver'] })) {
      const options = roles.flatMap((role) => ['--role', role]);
      const { principal } = await json<{ principal: { principalId: string } }>([
        'principal',
        'create',
        '--tenant',
        tenant,
        '--name',
        name,
        ...options,
      ]);
      const file = join(folder, `${name}.key`);
      const issued = await json<object>(['key', 'issue', '--tenant', tenant, '--principal', principal.principalId, '--out', file]);
      expect(issued).not.toHaveProperty('secret');
      expect(statSync(file).mode & 0o077).toBe(0);
      keys.set(name, readFileSync(file, 'utf8').trim());
    }
  });

  it('a register from a file of a town hall, with a verdict for the bad row', async () => {
    type Imported = {
      import: { state: string; rows: number; created: number; refused: number };
      verdicts: { line: number; reason: string }[];
    };
    const done = await json<Imported>(['register', 'import', register, '--verdicts'], keys.get('author'));
    expect(done.import).toMatchObject({ state: 'finished', rows: 4, created: 3, refused: 1 });
    expect(done.verdicts).toContainEqual(expect.objectContaining({ line: 5 }));
    const again = await cli(['register', 'import', register], keys.get('author'));
    expect(again.stdout).toMatch(/Inchangés: 3/);
    const shown = await json<{ register: { contacts: number } }>(['register', 'show'], keys.get('author'));
    expect(shown.register.contacts).toBe(3);
  });

  it('a draft with a wrong variable is refused, field by field, and nothing is left behind', async () => {
    const result = await cli(
      [
        'campaign',
        'create',
        '--title',
        'Crue',
        '--lane',
        'urgent',
        '--everyone',
        '--expires',
        '+2h',
        '--message',
        'sms=Bonjour {{ nom_de_famille }}',
      ],
      keys.get('author'),
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/ {2}- .*nom_de_famille/);
    expect((await json<{ campaigns: unknown[] }>(['campaign', 'list'], keys.get('author'))).campaigns).toEqual([]);
  });

  it('a draft, its preview in French, and the approval of a colleague', async () => {
    const created = await json<{ campaign: { campaignId: string } }>(
      [
        'campaign',
        'create',
        '--title=Crue',
        '--lane=urgent',
        '--status=test',
        '--everyone',
        '--expires=+2h',
        '--message=sms=Crue : montez.',
        '--message=email=Montez à l’étage, {{ first_name }}.',
        '--subject=email=Crue de la Loire',
      ],
      keys.get('author'),
    );
    campaign = created.campaign.campaignId;
    const preview = await cli(['campaign', 'preview', campaign], keys.get('author'));
    expect(preview.stdout).toMatch(/Destinataires: 3/);
    expect(preview.stdout).toMatch(/doit être approuvée/);
    const english = await cli(['campaign', 'preview', campaign, '--lang', 'en'], keys.get('author'));
    expect(english.stdout).toMatch(/Recipients: 3/);
    expect((await cli(['campaign', 'release', campaign], keys.get('author'))).code).toBe(1);
    expect((await cli(['campaign', 'approve', campaign], keys.get('author'))).code).toBe(3);
    await json(['campaign', 'approve', campaign], keys.get('approver'));
  });

  it('released, watched to its end, and reported', async () => {
    await json(['campaign', 'release', campaign], keys.get('author'));
    const watched = await cli(['campaign', 'watch', campaign], keys.get('author'));
    expect(watched).toMatchObject({ code: 0, stderr: '' });
    expect(watched.stdout).toMatch(/Crue: terminée/);
    expect(
      stack
        ?.ledger('email')
        .map((line) => line.to)
        .toSorted(),
    ).toEqual(['ali@example.net', 'lea@example.net']);
    const { tally } = await json<{ tally: { recipients: number; terminal: number } }>(['campaign', 'report', campaign], keys.get('author'));
    expect(tally).toMatchObject({ recipients: 3, terminal: 3 });
    const reached = await cli(['campaign', 'report', campaign, '--reached', '--json'], keys.get('author'));
    expect(reached.stdout.trim().split('\n')).toHaveLength(3);
  }, 180_000);

  it('what happened is written down, and a revoked key is refused within 5 s', async () => {
    const { entries } = await json<{ entries: { action: string; outcome: string }[] }>(['audit', 'list', '--tenant', tenant]);
    const outcomes = entries.filter((entry) => entry.action.endsWith('/ApproveCampaign')).map((entry) => entry.outcome);
    expect(outcomes.toSorted()).toEqual(['OK', 'PERMISSION_DENIED']);
    const { keys: known } = await json<{ keys: { keyId: string }[] }>(['key', 'list', '--tenant', tenant]);
    for (const { keyId } of known) await json(['key', 'revoke', keyId, '--tenant', tenant]);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect((await cli(['campaign', 'list'], keys.get('author'))).code).toBe(3);
  });
});
