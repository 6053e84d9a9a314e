import { accessSync, constants } from 'node:fs';
import { z } from 'zod';
import type { Setting } from './service.js';

/** What every kind of setting takes; without a default the variable is required. */
interface Definition<T> {
  readonly env: string;
  readonly doc: string;
  readonly default?: T;
  readonly shared?: boolean;
  readonly secret?: boolean;
}

/** A value, or the sentence that says what is wrong with the text. */
type Parsed<T> = { readonly value: T } | { readonly fault: string };

/** A setting of any type from a function that parses its text; an empty variable counts as not set. */
export function setting<T>(definition: Definition<T>, parse: (text: string) => Parsed<T>): Setting<T> {
  const schema = z
    .string()
    .optional()
    .transform((text, context): T => {
      if (text === undefined || text === '') {
        if ('default' in definition) return definition.default as T;
        context.addIssue({ code: 'custom', message: 'is required' });
        return z.NEVER;
      }
      const parsed = parse(text.trim());
      if ('value' in parsed) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.fault });
      return z.NEVER;
    });
  const { env, doc, shared, secret } = definition;
  return { env, doc, schema, ...(shared === undefined ? {} : { shared }), ...(secret === undefined ? {} : { secret }) };
}

export function text(definition: Definition<string> & { readonly pattern?: RegExp }): Setting<string> {
  const { pattern } = definition;
  return setting(definition, (value) => (pattern && !pattern.test(value) ? { fault: `must match ${pattern.source}` } : { value }));
}

export function choice<T extends string>(definition: Definition<T> & { readonly among: readonly T[] }): Setting<T> {
  return setting(definition, (given) => {
    const value = definition.among.find((candidate) => candidate === given);
    return value === undefined ? { fault: `must be one of ${definition.among.join(', ')}` } : { value };
  });
}

/** A number within bounds, both included. */
export function number(
  definition: Definition<number> & { readonly min: number; readonly max: number; readonly integer?: boolean },
): Setting<number> {
  const { min, max, integer } = definition;
  return setting(definition, (given) => {
    const value = Number(given);
    if (!Number.isFinite(value) || (integer === true && !Number.isInteger(value))) {
      return { fault: `must be ${integer === true ? 'a whole number' : 'a number'}` };
    }
    return value < min || value > max ? { fault: `must be between ${min} and ${max}` } : { value };
  });
}

export function integer(definition: Definition<number> & { readonly min: number; readonly max: number }): Setting<number> {
  return number({ ...definition, integer: true });
}

/** A TCP port; 0 takes any free one. */
export function port(definition: Definition<number>): Setting<number> {
  return integer({ ...definition, min: 0, max: 65_535 });
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds: "1500", "1500ms", "20s", "10min", "7d". */
export function duration(definition: Definition<number> & { readonly min?: number; readonly max?: number }): Setting<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = definition;
  return setting(definition, (given) => {
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(given);
    const unit = match?.[2] === '' ? 1 : DURATION_UNITS[match?.[2] ?? '?'];
    if (match?.[1] === undefined || unit === undefined) return { fault: 'must be a duration such as 500ms, 20s or 10min' };
    const value = Math.round(Number(match[1]) * unit);
    return value < min || value > max ? { fault: `must be between ${min} and ${max} ms` } : { value };
  });
}

export function flag(definition: Definition<boolean>): Setting<boolean> {
  return setting(definition, (given) => {
    if (['true', '1', 'yes', 'on'].includes(given)) return { value: true };
    return ['false', '0', 'no', 'off'].includes(given) ? { value: false } : { fault: 'must be true or false' };
  });
}

export function url(definition: Definition<string> & { readonly protocols: readonly string[] }): Setting<string> {
  return setting(definition, (given) => {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\/./.exec(given)?.[1];
    return scheme !== undefined && definition.protocols.includes(scheme)
      ? { value: given }
      : { fault: `must be an address starting with ${definition.protocols.map((protocol) => `${protocol}://`).join(' or ')}` };
  });
}

/** As addresses; a semicolon stands before those that are farther away. */
export function peers(definition: Definition<PeerAddresses>): Setting<PeerAddresses> {
  return setting(definition, parsePeers);
}

/** host:port addresses, comma separated. */
export function addresses(definition: Definition<readonly string[]>): Setting<readonly string[]> {
  return setting(definition, parseAddresses);
}

export function parseAddresses(given: string): Parsed<readonly string[]> {
  const value = given.split(',').map((address) => address.trim());
  const wrong = value.find(
    (address) => !/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/.test(address) || Number(/\d+$/.exec(address)?.[0]) > 65_535,
  );
  return wrong === undefined ? { value } : { fault: `"${wrong}" is not host:port` };
}

/** Addresses of a service's instances: those near this process, and those to call only while none of them answers. */
export interface PeerAddresses {
  readonly near: readonly string[];
  readonly far: readonly string[];
}

/** As parseAddresses; a semicolon stands before those farther away. */
export function parsePeers(given: string): Parsed<PeerAddresses> {
  const parts = given.split(';').map(parseAddresses);
  const faulty = parts.find((part) => 'fault' in part);
  if (faulty !== undefined && 'fault' in faulty) return faulty;
  const [near = [], far = [], ...rest] = parts.flatMap((part) => ('value' in part ? [part.value] : []));
  return rest.length === 0 ? { value: { near, far } } : { fault: 'has more than one semicolon' };
}

/** A path that need not exist yet. */
export function path(definition: Definition<string>): Setting<string> {
  return setting(definition, (given) => (given.includes('\0') ? { fault: 'is not a path' } : { value: given }));
}

/** A file that this process can read: secrets and certificates are given so, never in a variable. */
export function file(definition: Definition<string>): Setting<string> {
  return setting(definition, (given) => {
    try {
      accessSync(given, constants.R_OK);
      return { value: given };
    } catch {
      return { fault: `"${given}" cannot be read` };
    }
  });
}

/** The same setting, undefined when the variable is not set. */
export function optional<T>(required: Setting<T>): Setting<T | undefined> {
  const schema = z.union([z.undefined(), z.literal('').transform(() => undefined), required.schema]) as z.ZodType<
    T | undefined,
    string | undefined
  >;
  return { ...required, schema };
}
