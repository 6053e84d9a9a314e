import { describe, expect, it } from 'vitest';
import { Campaign, Mode } from '@tocsin/contracts/campaigns/v1/campaign';
import { Lane, RegisterKind, Status } from '@tocsin/contracts/common/v1/common';
import { wordsIn } from '../text/catalogue.js';
import { contentLines } from './content-view.js';

const CAMPAIGN = Campaign.fromPartial({
  lane: Lane.URGENT,
  status: Status.EXERCISE,
  audience: {
    register: RegisterKind.GENERAL,
    groups: ['Quai', 'École'],
    attributes: [{ attribute: 'insee_code', values: ['44109'] }],
    zone: { ring: [{}, {}, {}, {}] },
    excludeGroups: ['Agents'],
    excludeContactIds: ['con_0_1'],
  },
  messages: [
    { channel: 'sms', language: 'fr', body: 'Montez.' },
    { channel: 'email', language: 'fr', subject: 'Crue', body: 'Montez.\nVite.' },
  ],
  channels: ['sms', 'email'],
  mode: Mode.ORDER,
  scheduledAt: Date.UTC(2026, 11, 1, 7),
  expiresAt: Date.UTC(2026, 11, 1, 9),
  authorId: 'prn_a',
  approval: { principalId: 'prn_b', approvedAt: Date.UTC(2026, 11, 1, 6) },
  breakGlass: { principalId: 'prn_a', reason: 'Seul de garde', usedAt: Date.UTC(2026, 11, 1, 6) },
});

describe('what an approver reads', () => {
  it('is the whole of what the hash covers: whom, when, by what, and the words', () => {
    expect(contentLines(wordsIn('fr'), CAMPAIGN)).toEqual([
      'Voie: urgente · EXERCICE',
      'Cible: registre général · groupes Quai, École · insee_code 44109 · dans une zone de 3 points · sauf les groupes Agents · contacts exclus: 1',
      'Départ: 2026-12-01T07:00:00.000Z · Expire: 2026-12-01T09:00:00.000Z',
      'Canaux: sms, email (l’un après l’autre)',
      '  sms (fr):',
      '    Montez.',
      '  email (fr):',
      '    Crue',
      '    Montez.',
      '    Vite.',
      'Auteur: prn_a',
      'Approuvée par: prn_b (2026-12-01T06:00:00.000Z)',
      'Partie sans seconde personne: prn_a (2026-12-01T06:00:00.000Z): Seul de garde',
    ]);
  });

  it('says everyone where everyone is meant, and that it leaves when released', () => {
    const audience = { register: RegisterKind.VULNERABLE, everyone: true };
    const lines = contentLines(
      wordsIn('en'),
      Campaign.fromPartial({ lane: Lane.BULK, status: Status.ACTUAL, audience, channels: ['sms'] }),
    );
    expect(lines.slice(0, 4)).toEqual([
      'Lane: bulk',
      'Audience: register of vulnerable people · everyone',
      'Leaves: when released · Expires: ',
      'Channels: sms',
    ]);
  });
});
