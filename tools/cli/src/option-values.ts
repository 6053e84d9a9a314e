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

/** A moment: ISO 8601 ("2026-12-01T08:00:00+01:00") or from now ("+2h", "90min"). Unix ms. */
export function moment(option: string, text: string, now: number): number {
  const span = /^\+?(\d+)\s*(s|m|min|h|d|j)$/.exec(text);
  if (span) return now + Number(span[1]) * (UNITS[span[2] ?? 's'] ?? 0);
  const at = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new UsageError(`${option} must be a time such as 2026-12-01T08:00:00+01:00 or +2h; "${text}" is not.`);
  return at;
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
