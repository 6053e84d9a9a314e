import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readLockHolder, takeStackLock } from './stack-lock.js';

describe('the lock of a stack', () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-lock-'));
    lock = join(folder, 'stack.lock');
    return () => rmSync(folder, { recursive: true });
  });

  it('is refused while its holder lives, and says who that is', () => {
    takeStackLock(lock);
    expect(() => takeStackLock(lock)).toThrow(`process ${process.pid}`);
  });

  it('is free again once given back', () => {
    takeStackLock(lock)();
    expect(readLockHolder(lock)).toBeUndefined();
    takeStackLock(lock);
    expect(readLockHolder(lock)?.pid).toBe(process.pid);
  });

  const stale = [
    { says: 'of a process that has gone', content: JSON.stringify({ pid: 999_999_999, startTicks: 1 }) },
    { says: 'of a pid that was given out again', content: JSON.stringify({ pid: process.pid, startTicks: 1 }) },
    { says: 'that a crash cut in the middle', content: '{"pid":' },
  ];
  it.each(stale)('is taken over when it is one $says', ({ content }) => {
    writeFileSync(lock, content);
    takeStackLock(lock);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});
