import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Files git tracks or would track, matching the pattern; deleted ones left out. */
export function sourceFiles(pattern: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed
    .split('\n')
    .filter((path) => path !== '' && pattern.test(path) && existsSync(path))
    .toSorted();
}

export function read(path: string): string {
  return readFileSync(path, 'utf8');
}
