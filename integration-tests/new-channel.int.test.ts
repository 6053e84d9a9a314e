import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { expect, it } from 'vitest';

it('a channel is one folder and one chart value: scaffolded in a scratch clone, it builds, conforms, and changes nothing else', () => {
  const root = repositoryRoot();
  const result = spawnSync(process.execPath, [join(root, 'tools/check-new-channel/dist/main.js')], { cwd: root, encoding: 'utf8' });
  // Its error output says which step failed; an empty answer compares badly with it in sight.
  const answer = result.status === 0 ? (JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '{}') as object) : result.stderr;
  expect(answer).toEqual({
    channel: 'siren',
    build: true,
    conformance: true,
    imports: true,
    outside: true,
    oneValue: true,
  });
  expect(result.status).toBe(0);
}, 120_000);
