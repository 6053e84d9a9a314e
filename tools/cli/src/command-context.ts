import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { findKey } from './key-source.js';
import { Output } from './output.js';
import { openPlatform, type Platform } from './platform.js';
import { LANGUAGES, wordsIn, type Language } from './text/catalogue.js';
import { UsageError } from './usage-error.js';

const DEFAULT_ADDRESS = '127.0.0.1:7410';

/** What every command works with. */
export interface CommandContext {
  readonly platform: Platform;
  readonly output: Output;
  /** Tenant named by --tenant; '' = the key's own. */
  readonly tenantId: string;
  /** New for each run of the command, so that a repeated run is a new decision; --idempotency-key makes it the same one. */
  readonly idempotencyKey: string;
  /** Ends the command with this code although nothing failed. */
  exitWith(code: number): void;
}

interface GlobalOptions {
  readonly address?: string;
  readonly keyFile?: string;
  readonly ca?: string;
  readonly tls?: boolean;
  readonly tenant?: string;
  readonly json?: boolean;
  readonly lang?: string;
  readonly idempotencyKey?: string;
}

/** Options every command takes. */
export function withGlobalOptions(command: Command): Command {
  return command
    .option('--address <host:port>', `the gateway (TOCSIN_ADDRESS, ${DEFAULT_ADDRESS})`)
    .option('--key-file <file>', 'file with the API key (TOCSIN_API_KEY_FILE, or the key itself in TOCSIN_API_KEY)')
    .option('--tls', 'call over TLS; always the case with --ca')
    .option('--ca <file>', "PEM file of the authority of the gateway's certificate")
    .option('--tenant <id>', "tenant to act on; the key's own by default")
    .option('--idempotency-key <key>', 'repeat an earlier create instead of making a new one')
    .option('--lang <lang>', 'language of summaries: fr (default), en')
    .option('--json', 'the result as JSON on standard output');
}

export function outputOf(options: GlobalOptions): Output {
  const language = LANGUAGES.find((candidate) => candidate === (options.lang ?? 'fr'));
  if (language === undefined) throw new UsageError(`--lang must be one of ${LANGUAGES.join(', ')}.`);
  return new Output({
    json: options.json === true,
    words: wordsIn(language satisfies Language),
    write: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  });
}

/** Runs a command's body with the platform open, and closes it. */
export async function inContext(command: Command, run: (context: CommandContext) => Promise<void>): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const output = outputOf(options);
  const platform = openPlatform({
    address: options.address ?? process.env['TOCSIN_ADDRESS'] ?? DEFAULT_ADDRESS,
    key: findKey(options.keyFile, process.env),
    ca: options.ca,
    tls: options.tls === true,
  });
  try {
    await run({
      platform,
      output,
      tenantId: options.tenant ?? '',
      idempotencyKey: options.idempotencyKey ?? randomUUID(),
      exitWith: (code) => (process.exitCode = code),
    });
  } finally {
    platform.close();
  }
}
