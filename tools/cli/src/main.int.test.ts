import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
const keyFile = join(folder, 'key');
writeFileSync(keyFile, 'tok_key_secret\n');

async function run(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; error: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, error };
}

describe('the command line', () => {
  it.each([
    ['help is no failure', ['--help'], 0, /Exit codes/, /^$/],
    ['an unknown command', ['alert'], 2, /^$/, /unknown command/],
    ['a missing argument', ['campaign', 'show'], 2, /^$/, /missing required argument/],
    ['no key', ['campaign', 'list'], 2, /^$/, /^No key: give --key-file/],
    ['a key file that is not there', ['campaign', 'list', '--key-file', '/nowhere'], 2, /^$/, /cannot be read/],
    ['a register that does not exist', ['register', 'show', '--register', 'x', '--key-file', keyFile], 2, /^$/, /general, vulnerable, plp/],
    [
      'two filters at once',
      ['campaign', 'report', 'cmp_1', '--reached', '--pending', '--key-file', keyFile],
      2,
      /^$/,
      /cannot be used with/,
    ],
    ['erasing without saying so', ['contact', 'erase', 'con_0_1', '--key-file', keyFile], 2, /^$/, /--yes/],
    ['a file that is not there', ['register', 'import', '/nowhere.csv', '--key-file', keyFile], 2, /^$/, /cannot be read/],
  ])('%s', async (_label, args, code, out, error) => {
    const result = await run(args);
    expect(result).toMatchObject({ code, out: expect.stringMatching(out) as string, error: expect.stringMatching(error) as string });
  });

  it('nobody at the address: one sentence, exit code 5, and JSON where it was asked for', async () => {
    const args = ['campaign', 'list', '--address', '127.0.0.1:1', '--key-file', keyFile];
    const [plain, json] = await Promise.all([run(args), run([...args, '--json'])]);
    expect(plain).toMatchObject({ code: 5, out: '' });
    expect(plain.error.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(json.error)).toMatchObject({ error: { code: expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/) as string } });
  });

  it('off loopback nothing is said without TLS', async () => {
    const result = await run(['campaign', 'list', '--address', '192.0.2.1:7410', '--key-file', keyFile]);
    expect(result.code).toBe(1);
    expect(result.error).toMatch(/TLS/);
  });
});
