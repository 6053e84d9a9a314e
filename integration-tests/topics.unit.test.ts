import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHANNEL_TOPICS, TOPICS, type TopicSpec } from '@tocsin/contracts';
import { repositoryRoot } from '@tocsin/testing';

const ROOT = repositoryRoot();
/** Where the code of each party of the table stands; all channels share the kit. */
const PARTIES: Readonly<Record<string, string>> = {
  'channel-*': 'libs/channel-kit/src',
  ...Object.fromEntries(
    readdirSync(join(ROOT, 'services'))
      .filter((name) => !name.startsWith('channel-'))
      .map((name) => [name, `services/${name}/src`]),
  ),
};

/** How code names a topic of the table. */
const NAMES: readonly (readonly [TopicSpec, RegExp])[] = [
  ...Object.entries(TOPICS).map(([key, spec]) => [spec, new RegExp(`\\bTOPICS\\.${key}\\b`)] as const),
  ...Object.entries(CHANNEL_TOPICS).map(([key, spec]) => [spec, new RegExp(`\\b${key}Topic(s|Named)?\\(`)] as const),
];

const sources = Object.entries(PARTIES).map(([party, folder]) => ({ party, text: textBelow(join(ROOT, folder)) }));

function textBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('testing/'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

describe('the table of topics says who writes and reads what, and the code agrees', () => {
  it.each(NAMES.map(([spec, pattern]) => ({ ...spec, pattern })))('$name', ({ owner, producers, consumers, pattern }) => {
    const named = sources.filter(({ text }) => pattern.test(text)).map(({ party }) => party);
    const parties = new Set([...producers, ...consumers]);
    expect(named.toSorted()).toEqual([...parties].toSorted());
    expect(Object.keys(PARTIES)).toContain(owner);
  });
});
