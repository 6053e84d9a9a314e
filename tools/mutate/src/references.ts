import { MUTATIONS } from './mutations.js';
import { applied } from './scratch-tree.js';

/** What docs say about tests and mutations, and where sections begin. */
const TEST = /`([\w./-]+\.test\.ts)`(?: “([^”]+)”)?/g;
const MUTANT = /`mutant:([a-z0-9-]+)`/g;

/** A promise or a step as a document names it, and the text about it. */
export interface Section {
  readonly id: string;
  readonly text: string;
}

/** Sections "## G6 ..." of the guarantees. */
export function promisesOf(markdown: string): Section[] {
  return markdown
    .split(/^## (?=G\d)/m)
    .slice(1)
    .map((text) => ({ id: /^G\d+/.exec(text)?.[0] ?? '', text }));
}

/** Rows "| R6 | ..." of the recovery table. */
export function stepsOf(markdown: string): Section[] {
  return [...markdown.matchAll(/^\| (R\d+) \|.*$/gm)].map(([text, id = '']) => ({ id, text }));
}

/** Sentences, one a fault: mutations that do not apply any more, rows that are not there, promises and steps without either, and what docs say wrongly of both. */
export function faultsOf(sections: readonly Section[], read: (path: string) => string | undefined): string[] {
  return [
    ...MUTATIONS.flatMap((mutation) => mutationFaults(mutation, read)),
    ...sections.flatMap((section) => sectionFaults(section, read)),
    ...strayFaults(sections),
  ];
}

function mutationFaults({ name, edits, red }: (typeof MUTATIONS)[number], read: (path: string) => string | undefined): string[] {
  const faults: string[] = [];
  const texts = new Map<string, string>();
  for (const edit of edits) {
    try {
      texts.set(edit.file, applied(edit, texts.get(edit.file) ?? read(edit.file) ?? ''));
    } catch (fault) {
      faults.push(
        `mutation "${name}" (tools/mutate/src/mutations) does not apply: ${fault instanceof Error ? fault.message : String(fault)}`,
      );
    }
  }
  if (!hasRow(read(red.test), red.row))
    faults.push(`mutation "${name}" (tools/mutate/src/mutations): ${red.test} has no row "${red.row}".`);
  if (red.because === '') faults.push(`mutation "${name}" says no reason for which its test fails.`);
  return faults;
}

function sectionFaults({ id, text }: Section, read: (path: string) => string | undefined): string[] {
  const tests = [...text.matchAll(TEST)];
  const named = new Set([...text.matchAll(MUTANT)].map(([, name = '']) => name));
  const breaking = new Set(MUTATIONS.filter(({ breaks }) => breaks.includes(id)).map(({ name }) => name));
  const notBuilt = text.includes('Not built');
  return [
    ...tests
      .filter(([, path = '', row]) => row !== undefined && !hasRow(read(path), row))
      .map(([, path, row]) => `docs: ${id} names "${row}", which is not in ${path}.`),
    ...tests.filter(([, path = '']) => read(path) === undefined).map(([, path]) => `docs: ${id} names ${path}, which does not exist.`),
    ...[...named].filter((name) => !breaking.has(name)).map((name) => `docs: ${id} names mutant:${name}, which does not break it.`),
    ...[...breaking].filter((name) => !named.has(name)).map((name) => `docs: ${id} does not name mutant:${name}, which breaks it.`),
    ...(tests.length === 0 && !notBuilt ? [`docs: ${id} names no test that would break it.`] : []),
  ];
}

/** Promises and steps that mutations name and no document has. */
function strayFaults(sections: readonly Section[]): string[] {
  const known = new Set(sections.map(({ id }) => id));
  return MUTATIONS.flatMap(({ name, breaks }) =>
    breaks
      .filter((id) => !known.has(id))
      .map((id) => `mutation "${name}" breaks ${id}, which neither docs/guarantees.md nor docs/recovery.md has.`),
  );
}

/** Whether a test file has a row with this text; quotes in titles are written with a backslash there. */
function hasRow(text: string | undefined, row: string): boolean {
  return text !== undefined && text.replaceAll("\\'", "'").includes(row);
}
