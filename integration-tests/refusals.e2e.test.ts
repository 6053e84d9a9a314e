import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvFile, jsonOf, newMunicipality, newPerson, readyCampaign, registerOf, type Municipality } from './municipality.js';
import { startStack, type RunningStack } from './stack.js';

const DRAFT = ['campaign', 'create', '--title', 'Alerte', '--lane', 'standard', '--everyone', '--expires', '+2h'];

describe('what is wrong is refused with a clear sentence, an exit code, and nothing half done', () => {
  let stack: RunningStack;
  let town: Municipality;
  let other: Municipality;

  beforeAll(async () => {
    stack = await startStack();
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    other = await newMunicipality(stack, 'Mairie de Sainte-Autre', { insee: '44190' });
    jsonOf(await stack.cli(['register', 'import', registerOf(10), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('a wrong key', async () => {
    const result = await stack.cli(
      ['campaign', 'list', '--json'],
      'tok_key_01JD0000000000000000000000_wrongwrongwrongwrongwrongwrongwrongwrongwro',
    );
    expect(result.code).toBe(3);
    expect(JSON.parse(result.stderr)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it("another tenant's campaign does not exist", async () => {
    const id = await readyCampaign(stack, town, 'Information.');
    const theirs = await stack.cli(['campaign', 'release', id, '--json'], other.author);
    const nobodys = await stack.cli(['campaign', 'release', 'cmp_01JD0000000000000000000000', '--json'], other.author);
    expect([theirs.code, nobodys.code]).toEqual([4, 4]);
    expect(JSON.parse(theirs.stderr)).toEqual(JSON.parse(nobodys.stderr));
    expect(jsonOf(await stack.cli(['campaign', 'show', id, '--json'], town.author))['campaign']).toMatchObject({ state: 'draft' });
  });

  for (const [label, lines] of [
    ['a CSV without a usable header', ['x;y', '1;2']],
    ['an empty CSV', []],
    ['a CSV that is one unclosed quote', ['Nom;Téléphone', '"Durand;0639980001']],
  ] as const) {
    it(`${label} leaves the register as it was, and the exit code says so`, async () => {
      const before = jsonOf(await stack.cli(['register', 'show', '--json'], town.author));
      const result = await stack.cli(['register', 'import', csvFile(lines), '--json'], town.author);
      expect(jsonOf(await stack.cli(['register', 'show', '--json'], town.author))).toEqual(before);
      expect(result.code).toBe(1);
      expect(`${result.stdout}${result.stderr}`).not.toBe('');
    });
  }

  it('an unknown template variable, with its name, at draft time', async () => {
    const result = await stack.cli([...DRAFT, '--message', 'sms=Bonjour {{ prenom }}', '--json'], town.author);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('prenom');
    expect(JSON.parse(result.stderr)).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
  });

  it('an audience that says nothing is never everyone', async () => {
    const args = [
      'campaign',
      'create',
      '--title',
      'Alerte',
      '--lane',
      'standard',
      '--expires',
      '+2h',
      '--message',
      'sms=Bonjour',
      '--json',
    ];
    const result = await stack.cli(args, town.author);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/audience/i);
  });

  it('an expiry in the past', async () => {
    const result = await stack.cli(
      [
        'campaign',
        'create',
        '--title',
        'Alerte',
        '--lane',
        'standard',
        '--everyone',
        '--expires',
        '2020-01-01T00:00:00Z',
        '--message',
        'sms=Bonjour',
        '--json',
      ],
      town.author,
    );
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/expire/i);
  });

  it('a campaign that expired before its release', async () => {
    const id = await readyCampaign(stack, town, 'Trop tard.', ['--expires', '+12s']);
    await new Promise((resolve) => setTimeout(resolve, 12_500));
    const result = await stack.cli(['campaign', 'release', id, '--json'], town.author);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/expire/i);
    expect(stack.ledger('sms').filter((line) => line.deliveryId.startsWith(id))).toEqual([]);
  }, 60_000);

  it('an agent approving its own campaign, and a machine approving any', async () => {
    const draft = jsonOf(await stack.cli([...DRAFT, '--message', 'sms=Bonjour', '--json'], town.author));
    const { campaignId } = draft['campaign'] as { campaignId: string };
    jsonOf(await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author));
    const own = await stack.cli(['campaign', 'approve', campaignId, '--json'], town.author);
    expect(own.code).toBe(3);
    expect(JSON.parse(own.stderr)).toMatchObject({ error: { code: 'PERMISSION_DENIED' } });
    const machine = await newPerson(stack, town.tenantId, 'Programme', ['author', 'reader'], 'machine');
    expect((await stack.cli(['campaign', 'approve', campaignId, '--json'], machine)).code).toBe(3);
    const released = await stack.cli(['campaign', 'release', campaignId, '--json'], town.author);
    expect(released.code).toBe(1);
    expect(JSON.parse(released.stderr)).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } });
  });

  it('a change voids the approval', async () => {
    const id = await readyCampaign(stack, town, 'Avant.');
    const content = [...DRAFT.slice(2), '--message', 'sms=Après.'];
    const changed = await stack.cli(['campaign', 'update', id, ...content, '--json'], town.author);
    expect(changed.code).toBe(0);
    jsonOf(await stack.cli(['campaign', 'preview', id, '--json'], town.author));
    const released = await stack.cli(['campaign', 'release', id, '--json'], town.author);
    expect(released.code).toBe(1);
    expect(JSON.parse(released.stderr)).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } });
  });

  it('a revoked key, within five seconds', async () => {
    const principal = jsonOf(
      await stack.cli(['principal', 'create', '--tenant', town.tenantId, '--name', 'Partie', '--role', 'reader', '--json']),
    )['principal'] as { principalId: string };
    const issued = jsonOf(await stack.cli(['key', 'issue', '--tenant', town.tenantId, '--principal', principal.principalId, '--json']));
    const secret = issued['secret'] as string;
    expect((await stack.cli(['campaign', 'list', '--json'], secret)).code).toBe(0);
    jsonOf(await stack.cli(['key', 'revoke', (issued['key'] as { keyId: string }).keyId, '--tenant', town.tenantId, '--json']));
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect((await stack.cli(['campaign', 'list', '--json'], secret)).code).toBe(3);
  }, 60_000);
});
