import { readFileSync } from 'node:fs';
import { TocsinError } from '@tocsin/errors';
import { z } from 'zod';

/** A process the doctor asks. */
export interface KnownProcess {
  readonly name: string;
  readonly kind: 'service' | 'ground' | 'stand-in';
  /** `http://host:port` of its live, ready and metrics. */
  readonly http: string | undefined;
  readonly place: string;
  /** Where it runs on this machine. */
  readonly pid: number | undefined;
  readonly startTicks: number;
  readonly ends: readonly { readonly at: number; readonly how: string }[];
}

/** Where an installation says what runs. */
export interface Installation {
  readonly processes: readonly KnownProcess[];
  /** Settings with which its Kafka and store are found, beside those of the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Words before a command that reaches them. */
  readonly prefix: readonly string[];
}

const stackState = z.object({
  settings: z.record(z.string(), z.string()).default({}),
  toolsPrefix: z.array(z.string()).default([]),
  processes: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      startTicks: z.number(),
      http: z.string().optional(),
      place: z.string().default('here'),
      ends: z.array(z.object({ at: z.number(), how: z.string() })).default([]),
    }),
  ),
});

const addresses = z.array(z.object({ name: z.string(), http: z.url(), site: z.string().default('') }));

/** What the supervisor of a stack wrote down. */
export function readStack(file: string): Installation {
  const { processes, settings, toolsPrefix } = stackState.parse(parsed(file));
  return {
    settings,
    prefix: toolsPrefix,
    processes: processes.map((process) => ({ ...process, http: process.http, kind: kindOf(process.name, process.http) })),
  };
}

/** A file of addresses: `[{"name": "routing-0", "http": "http://10.0.0.7:8080", "site": "A"}]`. */
export function readAddresses(file: string): Installation {
  const processes = addresses.parse(parsed(file)).map(({ name, http, site }): KnownProcess => {
    return { name, kind: 'service', http: http.replace(/\/$/, ''), place: site, pid: undefined, startTicks: 0, ends: [] };
  });
  return { settings: {}, prefix: [], processes };
}

function kindOf(name: string, http: string | undefined): KnownProcess['kind'] {
  if (name.startsWith('stand-in')) return 'stand-in';
  return http === undefined ? 'ground' : 'service';
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'NO_INSTALLATION',
      `${file} cannot be read: start a stack (npm run stack), or name a file of addresses with --addresses.`,
      { cause },
    );
  }
}
