import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagedProcess, waitUntil } from '@tocsin/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { SupervisedProcess } from './supervised-process.js';

describe('a supervised process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-supervised-'));
    return () => rmSync(folder, { recursive: true });
  });

  const supervise = (script: string): { process: SupervisedProcess; waits: number[] } => {
    const waits: number[] = [];
    const spec = {
      name: 'p',
      command: process.execPath,
      args: ['-e', script],
      env: process.env,
      cwd: folder,
      logFile: join(folder, 'p.log'),
    };
    return { waits, process: new SupervisedProcess(spec, { started: () => undefined, ended: (_name, _how, wait) => waits.push(wait) }) };
  };

  it('comes back after a kill -9 with a new pid', async () => {
    const { process: supervised } = supervise('setInterval(() => {}, 1000)');
    await supervised.start();
    const first = supervised.current?.pid;
    expect(supervised.kill()).toBe(true);
    await waitUntil('a new incarnation', () => supervised.current?.pid !== first, 5_000);
    expect(supervised.restarts).toBe(1);
    await supervised.stop(5_000);
  });

  it('keeps running what somebody else has started', async () => {
    const spec = {
      name: 'p',
      command: process.execPath,
      args: ['-e', 'setInterval(() => {}, 1000)'],
      env: process.env,
      cwd: folder,
      logFile: join(folder, 'p.log'),
    };
    const first = await ManagedProcess.start(spec);
    const adopted = SupervisedProcess.adopt(first, { started: () => undefined, ended: () => undefined });
    adopted.kill();
    await waitUntil('a new incarnation', () => adopted.current?.pid !== first.pid, 5_000);
    await adopted.stop(5_000);
    expect([adopted.restarts, adopted.current?.exit === undefined]).toEqual([1, false]);
  });

  it('waits longer each time it ends at once', async () => {
    const { process: supervised, waits } = supervise('process.exit(3)');
    await supervised.start();
    await waitUntil('three ends', () => waits.length >= 3, 5_000);
    expect(waits.slice(0, 3)).toEqual([200, 400, 800]);
    await supervised.stop(5_000);
  });

  it('is not restarted once it was told to stop, and keeps what it used', async () => {
    const { process: supervised, waits } = supervise('setInterval(() => {}, 1000)');
    await supervised.start();
    await waitUntil('Node to be loaded', () => supervised.usage().peakRssMiB > 10, 5_000);
    await supervised.stop(5_000);
    expect(waits).toEqual([]);
    expect(supervised.current?.exit?.signal).toBe('SIGTERM');
    expect(supervised.usage().peakRssMiB).toBeGreaterThan(10);
  });
});
