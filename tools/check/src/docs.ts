import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { read, sourceFiles } from './source-files.ts';

/** First folders of the repository: a word in backticks that starts with one is a path and must exist. */
const ROOTS = /^(libs|services|tools|integration-tests|proto|docs|deploy|charts|\.ci)\/[\w.@/-]*$/;

/** Every path named in a .md exists, every relative link leads somewhere, every npm script named is defined, every service says how to read it. */
export function checkDocs(): string[] {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
  const faults = sourceFiles(/\.md$/).flatMap((path) => {
    const text = read(path);
    return [...pathFaults(path, text), ...linkFaults(path, text), ...scriptFaults(path, text, scripts)];
  });
  const silent = readdirSync('services').filter((service) => !existsSync(join('services', service, 'README.md')));
  return [...faults, ...silent.map((service) => `services/${service} has no README.md: say what it owns and what to read first.`)];
}

function pathFaults(path: string, text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)]
    .flatMap((match) => match[1]!.split(/\s+/))
    .filter((word) => ROOTS.test(word) && !word.includes('/dist/') && !existsSync(word.replace(/\/$/, '')))
    .map((word) => `${path}: "${word}" does not exist.`);
}

function linkFaults(path: string, text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !existsSync(join(dirname(path), target)))
    .map((target) => `${path}: the link to "${target}" leads nowhere.`);
}

function scriptFaults(path: string, text: string, scripts: readonly string[]): string[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)]
    .map((match) => match[1]!)
    .filter((name) => !scripts.includes(name))
    .map((name) => `${path}: "npm run ${name}" is not a script of package.json.`);
}
