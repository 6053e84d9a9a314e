import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Half a minute of start, a minute of faults, and until all is quiet; ten times that on a busy machine is a fault. */
const RUN_DEADLINE_MS = 400_000;
const SEED = 11;
const FAULTS = 6;
const KINDS = ['kill-channel', 'freeze-channel', 'kill-scheduler-owner', 'freeze-scheduler-owner', 'kill-store', 'network-cut'];

interface Result {
  readonly seed: number;
  readonly submissions: number;
  readonly recipients: number;
  readonly faults: { readonly total: number; readonly byKind: Readonly<Record<string, number>> };
  readonly duplicates: number;
  readonly inDoubtSum: number;
  readonly tallySamples: number;
  readonly unreleased: readonly string[];
}

describe('a minute of chaos, as a person runs it', () => {
  let state: string;
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), 'tocsin-chaos-'));
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  it(
    'loses nobody, marks every duplicate, keeps every end, and leaves nothing running',
    async () => {
      const { code, last, said } = await chaos(['--minutes', '1', '--faults', String(FAULTS), '--kinds', KINDS.join(',')]);
      if (last === '') throw new Error(said);
      const result = JSON.parse(last) as Result;
      expect(result).toMatchObject({
        seed: SEED,
        lost: 0,
        unterminated: 0,
        unmarked: 0,
        overtaken: 0,
        afterExpiry: 0,
        strangers: 0,
        unbalanced: 0,
        unreleased: [],
        ok: true,
      });
      expect(code).toBe(0);
      expect(Object.keys(result.faults.byKind).toSorted()).toEqual(KINDS.toSorted());
      expect(result.duplicates).toBeLessThanOrEqual(result.inDoubtSum);
      expect(result.submissions).toBeGreaterThan(1_000);
      expect(result.tallySamples).toBeGreaterThan(5);
    },
    RUN_DEADLINE_MS,
  );

  function chaos(args: readonly string[]): Promise<{ readonly code: number | null; readonly last: string; readonly said: string }> {
    const child = spawn(
      process.execPath,
      [join(repositoryRoot(), 'tools/chaos/dist/main.js'), '--seed', String(SEED), '--rate', '60', '--city', '1500', ...args],
      { env: { ...process.env, TOCSIN_STACK_STATE_DIR: state, TOCSIN_STACK_PORTS_FROM: '27700' }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, last: printed.trim().split('\n').at(-1) ?? '', said })));
  }
});
