import { redactText } from '@tocsin/observability';
import { environmentName } from './platform-settings.js';
import type { Setting, SettingsOf } from './service.js';

export type Environment = Readonly<Record<string, string | undefined>>;
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** One variable that cannot be used. */
export interface SettingFault {
  readonly variable: string;
  readonly problem: string;
  readonly doc: string;
}

/** One setting as shown: secrets hidden, whether from the environment or a default. */
export interface SettingRow {
  readonly variable: string;
  readonly shown: string;
  readonly origin: 'set' | 'default';
  readonly doc: string;
}

export interface ReadSettings<S> {
  readonly values: SettingsOf<S>;
  readonly faults: readonly SettingFault[];
  readonly rows: readonly SettingRow[];
}

/** Reads all settings, finding every fault and not only the first; with faults the values must not be used. */
export function readSettings<S extends Settings>(service: string, settings: S, environment: Environment): ReadSettings<S> {
  const values: Record<string, unknown> = {};
  const faults: SettingFault[] = [];
  const rows: SettingRow[] = [];
  for (const [name, setting] of Object.entries(settings)) {
    const variable = variableOf(service, setting);
    const given = environment[variable];
    const result = setting.schema.safeParse(given);
    if (!result.success) {
      const problem = result.error.issues.map((issue) => lastWords(issue)).join('; ');
      faults.push({ variable, problem, doc: setting.doc });
      continue;
    }
    values[name] = result.data;
    rows.push({
      variable,
      shown: show(setting, result.data),
      origin: given === undefined || given === '' ? 'default' : 'set',
      doc: setting.doc,
    });
  }
  return { values: values as SettingsOf<S>, faults, rows };
}

export function variableOf(service: string, setting: Setting<unknown>): string {
  return setting.shared === true ? setting.env : `TOCSIN_${environmentName(service)}_${setting.env}`;
}

/** Variables of this service that no setting reads: mostly typing mistakes. */
export function unknownVariables(service: string, settings: Settings, environment: Environment): string[] {
  const known = new Set(Object.values(settings).map((setting) => variableOf(service, setting)));
  const prefix = `TOCSIN_${environmentName(service)}_`;
  return Object.keys(environment).filter((variable) => variable.startsWith(prefix) && !known.has(variable));
}

interface Issue {
  readonly code?: string;
  readonly message: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/** An optional setting fails as a union: what its own schema says is the last of the alternatives. */
function lastWords(issue: unknown): string {
  const { code, message, errors } = issue as Issue;
  const inner = code === 'invalid_union' ? errors?.at(-1)?.[0] : undefined;
  return inner ? lastWords(inner) : message;
}

function show(setting: Setting<unknown>, value: unknown): string {
  if (value === undefined) return '(none)';
  if (setting.secret === true) return '(hidden)';
  // A connection string may carry a password.
  const text = redactText(
    Array.isArray(value) ? value.join(',') : typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean),
  );
  return text === '' ? '(empty)' : text;
}
