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

/** Residents, each with a number and a mailbox: as many as there are numbers reserved for fiction. A fault in one submission of 10,000 shows on each channel. */
const RESIDENTS = 10_000;
/** Hand-overs a second of each channel's stand-in: the send takes ten seconds. */
const RATE = 1_000;
const ENDS_WITHIN_MS = 180_000;

describe('G1, G2 and G18 without a fault: the ledgers of the providers against the register', () => {
  let stack: RunningStack;
  let town: Municipality;

  beforeAll(async () => {
    const rate = String(RATE);
    stack = await startStack({ TOCSIN_CHANNEL_SMS_RATE: rate, TOCSIN_CHANNEL_EMAIL_RATE: rate });
    for (const offset of [41, 43]) await knob(offset, { rate: 2 * RATE });
    town = await newMunicipality(stack, 'Mairie de Saint-Fictif');
    jsonOf(await stack.cli(['register', 'import', everybody(), '--json'], town.author));
  }, 240_000);
  afterAll(async () => await stack.stop(), 120_000);

  it(
    'everybody is handed over once on each channel, and recipients are the sum of their states at every look',
    async () => {
      const id = await readyCampaign(stack, town, 'Exercice.');
      jsonOf(await stack.cli(['campaign', 'release', id, '--json'], town.author));
      const end = Date.now() + ENDS_WITHIN_MS;
      let tally: TallyView | undefined;
      for (let state = ''; state !== 'finished';) {
        if (Date.now() > end) throw new Error(`not finished: ${JSON.stringify(tally)}`);
        const campaign = jsonOf(await stack.cli(['campaign', 'show', id, '--json'], town.author))['campaign'] as {
          state: string;
          tally?: TallyView;
        };
        ({ state, tally } = campaign);
        expect(tally ? accounted(tally) : 0).toBe(tally?.recipients ?? 0);
      }
      expect(tally).toMatchObject({ recipients: RESIDENTS, terminal: RESIDENTS, pending: 0, failed: 0, expired: 0, cancelled: 0 });
      for (const channel of ['sms', 'email']) {
        const lines = stack.ledger(channel).filter((line) => line.deliveryId.startsWith(id));
        expect({ channel, reached: new Set(lines.map(({ to }) => to)).size }).toEqual({ channel, reached: RESIDENTS });
        expect({ channel, handedOver: lines.length }).toEqual({ channel, handedOver: RESIDENTS });
      }
    },
    ENDS_WITHIN_MS + 60_000,
  );

  async function knob(offset: number, knobs: object): Promise<void> {
    const answer = await fetch(`${stack.http(offset)}/knobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(knobs),
    });
    expect(answer.status).toBe(200);
  }
});

function everybody(): string {
  const rows = Array.from({ length: RESIDENTS }, (_, n) => `Personne${n};Prénom;${fictionalMobile(n)};personne${n}@residents.example`);
  return csvFile(['Nom;Prénom;Téléphone;Courriel', ...rows]);
}
