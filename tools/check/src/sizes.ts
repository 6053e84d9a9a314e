import { read, sourceFiles } from './source-files.ts';

/** Lines; a longer file is two rooms in one (the aim is 60-140, see CONTRIBUTING.md). */
const LONGEST_FILE = 400;

export function checkSizes(): string[] {
  return sourceFiles(/^(libs|services|tools|integration-tests)\/.*\.m?ts$/)
    .filter((path) => !path.includes('/gen/'))
    .map((path) => ({ path, lines: read(path).split('\n').length }))
    .filter((file) => file.lines > LONGEST_FILE)
    .map((file) => `${file.path} has ${file.lines} lines, over ${LONGEST_FILE}: divide it.`);
}
