import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LedgerEntry } from './stand-in/ledger.js';

/** The stand-in as its own process, as `npm start` runs it. */
export interface StandIn {
  readonly port: number;
  readonly httpPort: number;
  readonly pid: number;
  turn(knobs: Readonly<Record<string, unknown>>): Promise<Response>;
  stats(): Promise<Record<string, unknown>>;
  ledger(): LedgerEntry[];
  stop(): Promise<void>;
}

export async function startStandIn(rate: number): Promise<StandIn> {
  const ledgerFile = join(mkdtempSync(join(tmpdir(), 'tocsin-mta-')), 'ledger.jsonl');
  const program = fileURLToPath(new URL('../../../dist/providers/smtp/stand-in.js', import.meta.url));
  const env = { ...process.env, TOCSIN_STANDIN_LEDGER: ledgerFile, TOCSIN_STANDIN_RATE: String(rate) };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { smtpPort, httpPort } = JSON.parse(line) as { smtpPort: number; httpPort: number };
  return {
    port: smtpPort,
    httpPort,
    pid: child.pid ?? 0,
    turn: (knobs) => fetch(`http://127.0.0.1:${httpPort}/knobs`, { method: 'POST', body: JSON.stringify(knobs) }),
    stats: async () => (await (await fetch(`http://127.0.0.1:${httpPort}/stats`)).json()) as Record<string, unknown>,
    ledger: () =>
      readFileSync(ledgerFile, 'utf8')
        .split('\n')
        .filter((row) => row !== '')
        .map((row) => JSON.parse(row) as LedgerEntry),
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
