import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '@tocsin/testing';

const ROOT = repositoryRoot();
/** A name with parts, e.g. "plan.step-failed": what an operator filters by, never a sentence. */
const EVENT = /^[a-z][a-z0-9]*([._-][a-z0-9]+)+$/;

describe('what is logged', () => {
  it('is events by name, with fields', () => {
    const files = execFileSync('git', ['ls-files', '--', 'libs/*.ts', 'services/*.ts'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
    const events = files
      .filter((path) => path !== '' && !path.endsWith('.test.ts') && !path.includes('/gen/'))
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), 'utf8');
        return [...text.matchAll(/\blogger\.(?:debug|info|warn|error)\(\s*(['"`])(.*?)\1/g)].map(([, , event = '']) => `${path}: ${event}`);
      });
    expect(events.length).toBeGreaterThan(50);
    expect(events.filter((line) => !EVENT.test(line.slice(line.indexOf(': ') + 2)))).toEqual([]);
  });
});
