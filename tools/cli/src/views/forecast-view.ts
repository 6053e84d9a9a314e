import type { Forecast } from '@tocsin/contracts/campaigns/v1/campaign';
import type { TocsinError } from '@tocsin/errors';
import { count, wordFor, type Words } from '../text/catalogue.js';
import { lasting } from './content-view.js';
import { when } from './tenant-view.js';

/** A forecast as JSON: ISO times. */
export function forecastView(forecast: Forecast): object {
  const { p50, p95, channels, ...rest } = forecast;
  return { ...rest, p50: when(p50), p95: when(p95), channels: channels.map((row) => ({ ...row, p50: when(row.p50), p95: when(row.p95) })) };
}

/** When all will be handed over, by channel where there are several, and where that is late that it is, with who is reached in time as far as that is known. `now`: Unix ms. */
export function forecastLines(words: Words, forecast: Forecast | undefined, now: number): string[] {
  if (!forecast) return [];
  const { channels, unknownChannels, late, recipientsInTime } = forecast;
  return [
    `${words('complete')} ${span(words, forecast, now)}`,
    ...(channels.length > 1 ? channels.map((row) => `  ${row.channel}: ${span(words, row, now)}`) : []),
    ...(unknownChannels.length > 0 ? [`  ${words('unforeseen')} ${unknownChannels.join(', ')}`] : []),
    ...(late ? [recipientsInTime > 0 ? `${words('lateThen')} ${count(words, recipientsInTime)}` : words('late')] : []),
  ];
}

/** The same on a line that is written again and again. */
export function forecastLabel(words: Words, forecast: Forecast | undefined, now: number): string {
  if (!forecast) return '';
  return ` · ${span(words, forecast, now)}${forecast.late ? ` · ${words('lateNow')}` : ''}`;
}

/** What would let a refused campaign be complete in time, as the platform computed it. */
export function remedyLines(words: Words, { reason, metadata }: TocsinError): string[] {
  // In English the platform's own sentence says them.
  if (reason !== 'COMPLETES_AFTER_EXPIRY' || words.language === 'en') return [];
  const lane = metadata['lane_that_fits']?.toUpperCase().replace('-', '_');
  const inTime = Number(metadata['recipients_in_time'] ?? 0);
  const remedies = [
    `${words('remedyExpiry')} ${when(Number(metadata['expiry_that_fits']))}`,
    inTime > 0 ? `${words('remedyFewer')}: ${count(words, inTime)}` : '',
    metadata['channels_in_time'] === undefined ? '' : `${words('remedyChannels')} ${metadata['channels_in_time']}`,
    lane === undefined ? '' : `${words('remedyLane')} ${wordFor(words, 'lane', lane)}`,
    metadata['without_accents'] === 'true' ? words('remedyAccents') : '',
    metadata['without_pace'] === 'true' ? words('remedyPace') : '',
    words('remedyAccept'),
  ];
  return remedies.filter((one) => one !== '').map((one) => `  - ${one}`);
}

/** "dans 2 min 10 s à 3 min". */
function span(words: Words, { p50, p95 }: Pick<Forecast, 'p50' | 'p95'>, now: number): string {
  return `${words('completeIn')} ${lasting(Math.max(0, p50 - now))} ${words('completeTo')} ${lasting(Math.max(0, p95 - now))}`;
}
