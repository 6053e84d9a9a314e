import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';
import { MUTATIONS } from './mutations.js';
import { faultsOf, promisesOf, stepsOf, type Section } from './references.js';

const read = (path: string): string | undefined => {
  try {
    return readFileSync(join(repositoryRoot(), path), 'utf8');
  } catch {
    return undefined;
  }
};
const SECTIONS: readonly Section[] = [...promisesOf(read('docs/guarantees.md') ?? ''), ...stepsOf(read('docs/recovery.md') ?? '')];

describe('guarantees, tests and mutated builds', () => {
  it('say the same of each other, and every mutation still applies', () => {
    expect(faultsOf(SECTIONS, read)).toEqual([]);
    expect(SECTIONS.length).toBeGreaterThan(70);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  const [first] = MUTATIONS;
  const [edit] = first?.edits ?? [];
  it.each([
    {
      says: 'a source that has changed',
      fault: 'stands there 0 times',
      files: (path: string) => (path === edit?.file ? read(path)?.replace(edit.find, 'something else') : read(path)),
      sections: SECTIONS,
    },
    {
      says: 'a row that was renamed',
      fault: `has no row "${first?.red.row}"`,
      files: (path: string) => (path === first?.red.test ? '' : read(path)),
      sections: SECTIONS,
    },
    {
      says: 'a document that forgets a mutation',
      fault: `does not name mutant:${first?.name}`,
      files: read,
      sections: SECTIONS.map(({ id, text }) => ({ id, text: text.replace(`\`mutant:${first?.name}\``, '') })),
    },
    {
      says: 'a promise without a test',
      fault: 'G1 names no test',
      files: read,
      sections: SECTIONS.map((one) => (one.id === 'G1' ? { id: 'G1', text: one.text.replaceAll('.test.ts', '') } : one)),
    },
    {
      says: 'a promise that is gone',
      fault: 'which neither docs/guarantees.md nor docs/recovery.md has',
      files: read,
      sections: SECTIONS.filter(({ id }) => id !== 'G1'),
    },
  ])('$says is noticed', ({ fault, files, sections }) => {
    expect(faultsOf(sections, files).some((said) => said.includes(fault))).toBe(true);
  });
});
