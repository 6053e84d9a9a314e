import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, SERVICE_NODE_FLAGS } from '@tocsin/testing';
import { describe, expect, it } from 'vitest';
import { isProduction } from './production-files.js';

describe('what the image holds', () => {
  it.each([
    ['services/routing/dist/main.js', true],
    ['libs/contracts/descriptors/tocsin.binpb', true],
    ['services/channel-sms/channel.json', true],
    ['services/channel-sms/dist/providers/smpp/stand-in', false],
    ['services/channel-sms/dist/providers/smpp/stand-in/smsc.js', false],
    ['services/channel-sms/dist/providers/smpp/stand-in.js', false],
    ['services/channel-sms/dist/main.js.map', false],
    ['services/channel-sms/dist/main.d.ts', false],
    ['libs/kafka/dist/.tsbuildinfo', false],
  ])('%s: %s', (path, expected) => {
    expect(isProduction(path)).toBe(expected);
  });

  it('a service in a container runs with the flags it has everywhere', () => {
    const entry = readFileSync(join(repositoryRoot(), 'deploy/image/tocsin'), 'utf8');
    expect(/^NODE_FLAGS='(.*)'$/m.exec(entry)?.[1]).toBe(SERVICE_NODE_FLAGS.join(' '));
  });
});
