import { describe, expect, it } from 'vitest';
import type { Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import { TocsinError } from '@tocsin/errors';
import { describeFailure } from '../failure.js';
import { wordsIn } from '../text/catalogue.js';
import { forecastLabel, forecastLines, forecastView } from './forecast-view.js';

const NOW = Date.UTC(2026, 10, 25, 12);
const MINUTE = 60_000;

function forecast(change: Partial<Forecast> = {}): Forecast {
  const [p50, p95] = [NOW + 90_000, NOW + 6 * MINUTE];
  return { p50, p95, channels: [{ channel: 'sms', p50, p95 }], unknownChannels: [], late: false, recipientsInTime: 0, ...change };
}

describe('when a campaign will be complete, in words', () => {
  it('in French and English', () => {
    expect(forecastLines(wordsIn('fr'), forecast(), NOW)).toEqual(['Tout sera transmis dans 90 s à 6 min']);
    expect(forecastLines(wordsIn('en'), forecast(), NOW)).toEqual(['All handed over in 90 s to 6 min']);
  });

  it('by channel where there are several, with those nobody knows of and who is reached before the expiry', () => {
    const both = [
      { channel: 'sms', p50: NOW + 90_000, p95: NOW + 6 * MINUTE },
      { channel: 'email', p50: NOW + 5_000, p95: NOW + 7_000 },
    ];
    expect(
      forecastLines(wordsIn('fr'), forecast({ channels: both, unknownChannels: ['fax'], late: true, recipientsInTime: 1_200 }), NOW),
    ).toEqual([
      'Tout sera transmis dans 90 s à 6 min',
      '  sms: dans 90 s à 6 min',
      '  email: dans 5 s à 7 s',
      '  on ne peut rien prévoir pour fax',
      'Après son expiration : à temps pour 1\u202f200',
    ]);
  });

  it('says that it is late where nobody is in time or nobody counts them, too', () => {
    const complete = 'Tout sera transmis dans 90 s à 6 min';
    expect(forecastLines(wordsIn('fr'), forecast({ late: true }), NOW)).toEqual([complete, 'Après son expiration']);
  });

  it('on the line of a watch', () => {
    expect(forecastLabel(wordsIn('fr'), forecast({ late: true }), NOW)).toBe(' · dans 90 s à 6 min · sera en retard');
    expect(forecastLabel(wordsIn('fr'), undefined, NOW)).toBe('');
  });

  it('as ISO times in JSON', () => {
    expect(forecastView(forecast())).toMatchObject({
      p50: '2026-11-25T12:01:30.000Z',
      channels: [{ channel: 'sms', p95: '2026-11-25T12:06:00.000Z' }],
    });
  });
});

describe('what would do instead', () => {
  const metadata = {
    expiry_that_fits: String(NOW + 7 * MINUTE),
    recipients_in_time: '800',
    lane_that_fits: 'urgent',
    without_accents: 'true',
  };
  const refusal = new TocsinError('FAILED_PRECONDITION', 'COMPLETES_AFTER_EXPIRY', 'Too late.', { metadata });

  it('is listed in the agent’s language', () => {
    expect(describeFailure(refusal, wordsIn('fr')).lines).toEqual([
      'La campagne expirerait avant que tout soit transmis. Voici ce qui conviendrait. (COMPLETES_AFTER_EXPIRY)',
      '  - une expiration à partir de 2026-11-25T12:07:00.000Z',
      '  - une cible d’au plus (destinataires): 800',
      '  - si c’est justifié, la voie urgente',
      '  - un texte sans les accents qui coûtent',
      '  - la laisser partir ainsi : --accept-late',
    ]);
  });

  it('and whole for scripts', () =>
    expect(describeFailure(refusal).json).toMatchObject({ error: { reason: 'COMPLETES_AFTER_EXPIRY', metadata } }));
});
