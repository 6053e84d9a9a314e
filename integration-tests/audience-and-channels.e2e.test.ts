import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvFile, fictionalMobile, jsonOf, newMunicipality, type Municipality, type TallyView } from './municipality.js';
import { startStack, type CliResult, type RunningStack } from './stack.js';

/** Around the quay of Nantes, west, south, east, north. */
const QUAY = [-1.56, 47.2, -1.54, 47.22] as const;

/** From the release to the next channel of somebody whose first one is refused at once: three hops and a second's write of the ledger, on a busy machine. */
const ESCALATION_MS = 10_000;

describe('whom a campaign means and how it reaches them', () => {
  let stack: RunningStack;
  let town: Municipality;

  beforeAll(async () => {
    stack = await startStack();
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif', { threshold: 1_000 });
    const rows = [
      'Nom;Prénom;Portable;Courriel;Groupes;Code INSEE;Latitude;Longitude',
      `Dedans;Zoé;${mobile(1)};zoe@residents.example;"Quai;École";44109;47,2100;-1,5500`,
      `Dedans;Paul;${mobile(2)};;Quai;44109;47.2150;-1.5450`,
      `Dehors;Ali;${mobile(3)};ali@residents.example;Bourg;44190;47.3;-1.5`,
      `Nulle-Part;Léa;${mobile(4)};lea@residents.example;École;44109;;`,
      `Courriel;Eve;;eve@residents.example;Bourg;44190;47.3;-1.5`,
    ];
    jsonOf(await stack.cli(['register', 'import', csvFile(rows), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it('a zone takes who is inside, leaves who is outside, and counts who cannot be placed', async () => {
    const { id, preview } = await previewed(['--zone', geojson(square(QUAY)), '--message', 'sms=Évacuez la zone.']);
    expect(preview).toMatchObject({ recipients: 2, notReachable: [{ reason: 'NOT_LOCATABLE', count: 1 }] });
    await releaseAndWatch(id);
    expect(numbers(id)).toEqual([e164(1), e164(2)]);
    const said = await stack.cli(['campaign', 'report', id, '--not-reached'], town.author);
    expect(said.stdout).toMatch(/Écartés à la préparation: 1 \(sans position connue: 1\)/);
  }, 90_000);

  it.each([
    ['that is open', square(QUAY).slice(0, 4)],
    ['of two points', [square(QUAY)[0], square(QUAY)[1], square(QUAY)[0]]],
    ['that crosses itself', [0, 2, 1, 3, 0].map((at) => square(QUAY)[at])],
    ['with latitude and longitude swapped', square(QUAY).map(([longitude, latitude]) => [latitude, longitude])],
  ])('a zone %s is refused, never everybody and never silently nobody', async (_label, ring) => {
    const said = await refusal(geojson(ring as readonly (readonly number[])[]));
    expect(said.code).toBe(1);
    expect(said.stderr).toMatch(/zone/);
  });

  it('a draft whose preview was refused cannot be released', async () => {
    const swapped = geojson(square(QUAY).map(([longitude, latitude]) => [latitude, longitude]));
    const made = await stack.cli(['campaign', 'create', ...zoned(swapped)], town.author);
    const { campaignId } = jsonOf(made)['campaign'] as { campaignId: string };
    expect((await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author)).code).toBe(1);
    const released = await stack.cli(['campaign', 'release', campaignId, '--json'], town.author);
    expect(JSON.parse(released.stderr)).toMatchObject({ error: { reason: 'NOT_PREVIEWED' } });
  });

  it('groups, attributes and exclusions together; a group with its separator inside quotes is two', async () => {
    const whom = ['--group', 'École', '--group', 'Bourg', '--attribute', 'insee_code=44109,44190', '--exclude-group', 'Quai'];
    const { preview } = await previewed([...whom, '--message', 'sms=Rentrée.']);
    expect(preview).toMatchObject({ recipients: 2, notReachable: [{ reason: 'NO_ADDRESS', count: 1 }] });
    const both = await previewed(['--group', 'École', '--message', 'sms=Rentrée.']);
    expect(both.preview).toMatchObject({ recipients: 2 });
  });

  it('the preview says what accents cost, and which', async () => {
    const { preview } = await previewed(['--everyone', '--message', `sms=Tempête : ${'restez chez vous. '.repeat(5)}`]);
    const [sms] = preview['channels'] as { cost: number; costWithoutAccents: number; costlyCharacters: string[] }[];
    expect(sms).toMatchObject({ cost: 8, costWithoutAccents: 4, costlyCharacters: ['ê'] });
  });

  it('in order, mail goes only to those whom the SMS did not reach', async () => {
    await knobs(41, { failRate: 1 });
    const words = ['--message', 'sms=Coupure.', '--message', 'email=Coupure.', '--subject', 'email=Coupure', '--mode', 'order'];
    const { id } = await previewed(['--group', 'Quai', ...words]);
    const started = Date.now();
    const tally = await releaseAndWatch(id);
    const mailedAfter = Math.min(...stack.ledger('email').flatMap((line) => (line.deliveryId.startsWith(id) ? [line.at - started] : [])));
    expect(mailedAfter).toBeLessThan(ESCALATION_MS);
    await knobs(41, { failRate: 0 });
    expect(numbers(id)).toEqual([]);
    expect(mailboxes(id)).toEqual(['zoe@residents.example']);
    expect(tally).toMatchObject({ recipients: 2, acceptedClosed: 1, failed: 1 });
    const missed = await stack.cli(['campaign', 'report', id, '--not-reached'], town.author);
    expect(missed.stdout).toMatch(/sms {2}échec {2}coordonnée inexistante/);

    const reached = await previewed(['--group', 'Quai', ...words]);
    await releaseAndWatch(reached.id);
    expect(numbers(reached.id)).toEqual([e164(1), e164(2)]);
    expect(mailboxes(reached.id)).toEqual([]);
  }, 120_000);

  it('one click on the header of a mail ends mails to that mailbox, and nothing else', async () => {
    const words = ['--everyone', '--message', 'email=Marché déplacé.', '--subject', 'email=Marché'];
    const { id } = await previewed(words);
    await releaseAndWatch(id);
    const [line] = stack.ledger('email').filter(({ deliveryId, to }) => deliveryId.startsWith(id) && to === 'eve@residents.example');
    const { mails } = (await (await fetch(`${stack.http(43)}/mails`)).json()) as { mails: { deliveryId: string; oneClick: string }[] };
    const url = mails.find(({ deliveryId }) => deliveryId === line?.deliveryId)?.oneClick ?? '';
    expect(url).toMatch(/^http/);
    expect((await fetch(url)).status, 'looking at the link changes nothing').toBe(200);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await fetch(`${url}AA`, { method: 'POST', headers, body: 'List-Unsubscribe=One-Click' })).status).toBe(400);
    expect((await fetch(url, { method: 'POST', headers, body: 'List-Unsubscribe=One-Click' })).status).toBe(200);

    const next = await previewed(words);
    expect(next.preview['notReachable']).toContainEqual({ reason: 'STOPPED', count: 1 });
    await releaseAndWatch(next.id);
    expect(mailboxes(next.id)).toEqual(['ali@residents.example', 'lea@residents.example', 'zoe@residents.example']);
  }, 120_000);

  const zoned = (zone: string): string[] => [
    '--title',
    'Zone',
    '--lane',
    'urgent',
    '--expires',
    '+2h',
    '--zone',
    zone,
    '--message',
    'sms=Évacuez.',
    '--json',
  ];

  /** The answer to the draft, or where that was taken to its preview. */
  async function refusal(zone: string): Promise<CliResult> {
    const made = await stack.cli(['campaign', 'create', ...zoned(zone)], town.author);
    if (made.code !== 0) return made;
    const { campaignId } = jsonOf(made)['campaign'] as { campaignId: string };
    return await stack.cli(['campaign', 'preview', campaignId, '--json'], town.author);
  }

  async function previewed(words: readonly string[]): Promise<{ id: string; preview: Record<string, unknown> }> {
    const args = ['--title', 'Alerte', '--lane', 'urgent', '--expires', '+2h', ...words, '--json'];
    const made = jsonOf(await stack.cli(['campaign', 'create', ...args], town.author));
    const { campaignId: id } = made['campaign'] as { campaignId: string };
    return { id, preview: jsonOf(await stack.cli(['campaign', 'preview', id, '--json'], town.author)) };
  }

  async function releaseAndWatch(id: string): Promise<TallyView> {
    jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
    const watched = await stack.cli(['campaign', 'watch', id, '--json'], town.author);
    const { campaign } = jsonOf(watched) as { campaign: { state: string; tally: TallyView } };
    expect(campaign.state).toBe('finished');
    return campaign.tally;
  }

  const numbers = (id: string): string[] => accepted('sms', id);
  const mailboxes = (id: string): string[] => accepted('email', id);
  function accepted(channel: string, id: string): string[] {
    const own = stack.ledger(channel).filter((line) => line.deliveryId.startsWith(id));
    return own.map(({ to }) => to).toSorted();
  }

  async function knobs(offset: number, wanted: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${stack.http(offset)}/knobs`, { method: 'POST', headers, body: JSON.stringify(wanted) });
    expect(answer.ok).toBe(true);
  }
});

function mobile(n: number): string {
  return fictionalMobile(n);
}

function e164(n: number): string {
  return fictionalMobile(n).replace(/^0/, '+33');
}

/** [longitude, latitude] as GeoJSON has it, closed. */
function square([west, south, east, north]: readonly [number, number, number, number]): (readonly [number, number])[] {
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

/** As drawing tools save it: a collection with one feature. */
function geojson(ring: readonly (readonly number[])[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-zone-')), 'zone.geojson');
  const feature = { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features: [feature] }));
  return file;
}
