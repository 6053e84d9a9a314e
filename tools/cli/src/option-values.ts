import { RegisterKind } from '@tocsin/contracts/common/v1/common';
import { UsageError } from './usage-error.js';

/** A protobuf enum as ts-proto writes it: names to numbers and back. */
type ProtoEnum = Readonly<Record<string, string | number>>;

/** "life-safety" for Lane.LIFE_SAFETY. */
export function enumName(type: ProtoEnum, value: number): string {
  return String(type[value] ?? 'UNSPECIFIED')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** Lane.LIFE_SAFETY for "life-safety"; UsageError lists what is possible. */
export function enumValue(type: ProtoEnum, option: string, name: string): number {
  const value = type[name.toUpperCase().replaceAll('-', '_')];
  if (typeof value === 'number' && value > 0) return value;
  const possible = Object.values(type)
    .filter((candidate): candidate is number => typeof candidate === 'number' && candidate > 0)
    .map((candidate) => enumName(type, candidate));
  throw new UsageError(`${option} must be one of ${possible.join(', ')}; "${name}" is not.`);
}

export function registerKind(name: string): RegisterKind {
  return enumValue(RegisterKind, '--register', name);
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, j: 86_400_000 };

/** A day, a time of day and the offset, without which an hour on one machine is another hour on the next. */
const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** A moment: ISO 8601 with its offset ("2026-12-01T08:00:00+01:00") or from now ("+2h", "90min"). Unix ms. */
export function moment(option: string, text: string, now: number): number {
  const fromNow = spanOf(text);
  if (fromNow !== undefined) return now + fromNow;
  const written = WRITTEN.exec(text);
  const at = written && isDay(Number(written[1]), Number(written[2]), Number(written[3])) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`${option} must be a time such as 2026-12-01T08:00:00+01:00 or +2h; "${text}" is not.`);
  if (written?.[4] === undefined) {
    throw new UsageError(
      `${option} must end with its offset (in France +01:00 in winter, +02:00 in summer, Z for UTC): "${text}" may be any hour.`,
    );
  }
  return at;
}

/** A length of time: "2h", "90min", "45s". ms. */
export function span(option: string, text: string): number {
  const ms = spanOf(text);
  if (ms === undefined) throw new UsageError(`${option} must be a length of time such as 2h or 90min; "${text}" is not.`);
  return ms;
}

function spanOf(text: string): number | undefined {
  const written = /^\+?(\d+)\s*(s|m|min|h|d|j)$/.exec(text);
  return written ? Number(written[1]) * (UNITS[written[2] ?? 's'] ?? 0) : undefined;
}

/** JavaScript takes 30 February for 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max}.`);
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
