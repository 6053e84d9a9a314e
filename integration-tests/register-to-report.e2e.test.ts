import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accounted,
  csvFile,
  fictionalMobile,
  jsonOf,
  newMunicipality,
  readyCampaign,
  type Municipality,
  type TallyView,
} from './municipality.js';
import { startStack, type RunningStack } from './stack.js';
import { lineage, readSpans } from './trace-files.js';

describe('a municipality alerts its residents with the command line', () => {
  let stack: RunningStack;
  let town: Municipality;
  let campaignId = '';

  beforeAll(async () => {
    stack = await startStack();
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('imports a register as a town hall exports it: good rows kept, each bad one named by line and reason', async () => {
    const file = csvFile(
      [
        'Nom;Prénom;Téléphone;Portable;Courriel;Groupes;Accord SMS',
        `Lefèvre;Zoé;02 40 99 00 01;06 39 98 00 01;zoe@residents.example;Loire|École;oui`,
        `Martin;Hélène;;+33 6 39 98 00 02;;Loire;oui`,
        `Petit;Noël;;12;pas-un-courriel;Loire;oui`,
        `Durand;Paul;;0639980003;;Loire;non`,
        `Martin;Hélène;;06.39.98.00.02;;Loire;oui`,
      ],
      'latin1',
    );
    const done = jsonOf(await stack.cli(['register', 'import', file, '--verdicts', '--json'], town.author));
    expect(done['import']).toMatchObject({ rows: 5, created: 3, refused: 1, merged: 1, encoding: 'windows-1252', delimiter: ';' });
    const refused = (done['verdicts'] as { line: number; verdict: string; reason: string }[]).filter((row) => row.verdict === 'REFUSED');
    expect(refused).toMatchObject([{ line: 4 }]);

    const again = jsonOf(await stack.cli(['register', 'import', file, '--json'], town.author));
    expect(again['import']).toMatchObject({ created: 0, updated: 0, refused: 1 });
  }, 120_000);

  it('previews, is approved by a second person, released and watched to its end', async () => {
    campaignId = await readyCampaign(stack, town, 'Crue de la Loire, {{ first_name }} : montez.');
    const released = await stack.cli(['campaign', 'release', campaignId, '--json'], town.author);
    expect(jsonOf(released)['campaign']).toMatchObject({ state: 'running' });
    const watched = await stack.cli(['campaign', 'watch', campaignId, '--json'], town.author);
    expect(watched.code).toBe(0);
    const last = jsonOf(watched)['campaign'] as { state: string; tally: TallyView };
    expect(last.state).toBe('finished');
    expect(last.tally).toMatchObject({ recipients: 2, terminal: 2 });
    expect(accounted(last.tally)).toBe(2);
  }, 180_000);

  it('what the providers accepted is what the report says, and nobody else was written to', async () => {
    const sms = stack.ledger('sms').filter((line) => line.deliveryId.startsWith(campaignId));
    const mails = stack.ledger('email').filter((line) => line.deliveryId.startsWith(campaignId));
    expect(sms.map((line) => line.to.replace('+', '')).toSorted()).toEqual([1, 2].map((n) => fictionalMobile(n).replace(/^0/, '33')));
    expect(mails.map((line) => line.to)).toEqual(['zoe@residents.example']);
    const reached = await stack.cli(['campaign', 'report', campaignId, '--reached', '--json'], town.author);
    expect(reached.stdout.trim().split('\n')).toHaveLength(2);
    const tally = jsonOf(await stack.cli(['campaign', 'report', campaignId, '--json'], town.author))['tally'] as {
      notReachable: { reason: string; count: number }[];
    };
    expect(tally.notReachable).toContainEqual({ reason: 'NO_CONSENT', count: 1 });
  }, 60_000);

  it('is one trace from the release call over gRPC and Kafka to the attempts of each channel', async () => {
    const found = await eventually(async () => {
      const spans = readSpans(stack.state);
      const root = spans.find((span) => span.service === 'gateway' && span.kind === 'server' && span.name.endsWith('/ReleaseCampaign'));
      const attempts = spans.filter((span) => span.trace === root?.trace && span.name === 'channel.record-attempts');
      const channels = new Set(attempts.map((span) => span.service));
      return root && channels.size === 2 ? { spans, root, attempts } : undefined;
    });
    for (const attempt of found.attempts) {
      const path = lineage(found.spans, attempt);
      expect(path[0]).toEqual(found.root);
      expect([...new Set(path.map((span) => span.service))]).toEqual(['gateway', 'campaigns', attempt.service]);
    }
    const services = new Set(found.spans.filter((span) => span.trace === found.root.trace).map((span) => span.service));
    expect([...services].toSorted()).toEqual(
      expect.arrayContaining(['campaigns', 'channel-email', 'channel-sms', 'deliveries', 'gateway', 'routing', 'subscribers']),
    );
  }, 60_000);

  it('goes on to the receipt of each SMS and to the fold of the ledger', async () => {
    const found = await eventually(async () => {
      const spans = readSpans(stack.state);
      const root = spans.find((span) => span.service === 'gateway' && span.kind === 'server' && span.name.endsWith('/ReleaseCampaign'));
      const folds = spans.filter((span) => span.trace === root?.trace && span.name === 'delivery.receipts.sms.v1 process');
      // Each process writes its spans by itself, some seconds after they ended.
      const written = folds.every((fold) => spans.some((span) => span.span === fold.parent));
      return root && folds.length > 0 && written ? { spans, root, folds } : undefined;
    });
    for (const fold of found.folds) {
      const path = lineage(found.spans, fold);
      expect(path[0]).toEqual(found.root);
      expect(path.map((span) => span.name)).toContain('channel.record-receipts');
      expect([...new Set(path.map((span) => span.service))]).toEqual(['gateway', 'campaigns', 'channel-sms', 'deliveries']);
    }
  }, 60_000);

  it('a STOP by SMS holds for the next campaign', async () => {
    const answer = await fetch(`${stack.http(41)}/mo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ from: `+${fictionalMobile(2).replace(/^0/, '33')}`, to: '38000', text: 'stop' }),
    });
    expect(answer.ok).toBe(true);
    const second = await eventually(async () => {
      const id = await readyCampaign(stack, town, `Fin de crue ${Date.now()}.`);
      const preview = jsonOf(await stack.cli(['campaign', 'preview', id, '--json'], town.author));
      return (preview['recipients'] as number) === 1 ? id : undefined;
    });
    jsonOf(await stack.cli(['campaign', 'release', second, '--json'], town.author));
    await stack.cli(['campaign', 'watch', second, '--json'], town.author);
    expect(stack.ledger('sms').filter((line) => line.deliveryId.startsWith(second))).toHaveLength(1);
  }, 180_000);
});

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 20; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('not in time');
}
