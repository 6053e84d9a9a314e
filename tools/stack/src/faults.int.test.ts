import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeStackLock } from './stack/stack-lock.js';

/** A free hundred of ports: the whole table moves together. */
const FIRST_PORT = 27_400;

describe('a start that cannot succeed', () => {
  let state: string;
  let holder: Server | undefined;
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), 'tocsin-faults-'));
  });
  afterEach(async () => {
    await new Promise<void>((resolve) => (holder === undefined ? resolve() : holder.close(() => resolve())));
    holder = undefined;
    rmSync(state, { recursive: true });
  });

  const start = (env: Record<string, string>): Promise<{ code: number | null; said: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [join(repositoryRoot(), 'tools/stack/dist/main.js'), '--stack'], {
        env: { PATH: process.env['PATH'] ?? '', TOCSIN_STACK_STATE_DIR: state, TOCSIN_STACK_PORTS_FROM: String(FIRST_PORT), ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.on('exit', (code) => resolve({ code, said: said.trim() }));
    });

  const fakeJava = (version: string): string => {
    const folder = mkdtempSync(join(state, 'java-'));
    const command = join(folder, 'java');
    writeFileSync(command, `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
    chmodSync(command, 0o755);
    return folder;
  };

  const rows: readonly { says: string; env: () => Record<string, string>; sentence: RegExp }[] = [
    {
      says: 'an unknown ground is named with the known ones',
      env: () => ({ TOCSIN_GROUND: 'cloud' }),
      sentence: /^TOCSIN_GROUND is "cloud": set it to embedded, docker, external\.$/,
    },
    {
      says: 'an external ground needs both addresses',
      env: () => ({ TOCSIN_GROUND: 'external' }),
      sentence: /^TOCSIN_GROUND=external needs both .*\.$/,
    },
    {
      says: 'Java that is not there is asked for',
      env: () => ({ JAVA_HOME: '/nowhere' }),
      sentence: /^Java is missing \(\/nowhere\/bin\/java does not run\): install Java 17 or newer.*\.$/,
    },
    {
      says: 'Java that is too old is named',
      env: () => ({ PATH: `${fakeJava('11.0.2')}:${process.env['PATH'] ?? ''}` }),
      sentence: /^Java 11 is too old for Kafka: install Java 17 or newer.*\.$/,
    },
  ];
  it.each(rows)('$says', async ({ env, sentence }) => {
    const { code, said } = await start(env());
    expect(said).toMatch(sentence);
    expect(code).toBe(1);
    expect(existsSync(join(state, 'stack.lock'))).toBe(false);
  });

  it('says which port is busy and who holds it', async () => {
    holder = createServer().listen(FIRST_PORT + 20, '127.0.0.1');
    const { code, said } = await start({});
    expect(said).toContain(`Port ${FIRST_PORT + 20} (tenants gRPC) is in use by process ${process.pid} (`);
    expect(said.split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('refuses a second start while one runs', async () => {
    takeStackLock(join(state, 'stack.lock'));
    const { code, said } = await start({});
    expect(said).toBe(
      `Tocsin already runs from this clone (process ${process.pid}): use it, or stop it with Ctrl-C there or npm run stack -- --stop.`,
    );
    expect(code).toBe(1);
  });
});
