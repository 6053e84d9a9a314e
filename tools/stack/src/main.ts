import { TocsinError } from '@tocsin/errors';
import { isNoSpace } from '@tocsin/testing';
import { readOptions, USAGE, type StackOptions } from './options.js';
import { sitesPaths, stackPaths } from './stack/paths.js';
import { printStatus, stopRunning } from './stack/status.js';
import { runStack } from './run-stack.js';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await run(readOptions(process.argv.slice(2)));
} catch (failure) {
  process.stderr.write(`${sentenceOf(failure)}\n`);
  process.exitCode = 1;
}
// Sockets of clients that keep trying would hold the process; everything that matters has been awaited.
process.exit();

async function run(options: StackOptions): Promise<number> {
  const paths = options.sites ? sitesPaths(process.env) : stackPaths(process.env);
  switch (options.command) {
    case 'help':
      print(USAGE);
      return 0;
    case 'status':
      return (await printStatus(paths, print)) ? 0 : 1;
    case 'stop':
      print((await stopRunning(paths)) ? 'Stopped.' : 'Tocsin does not run from this clone.');
      return 0;
    case 'stack':
    case 'demo':
      return runStack(options, paths);
  }
}

/** One clear sentence for what was foreseen; the whole story for what was not. */
function sentenceOf(failure: unknown): string {
  if (failure instanceof TocsinError) return failure.message;
  if (isNoSpace(failure)) return 'The disk is full: free at least 2 GiB, then start again.';
  if (failure instanceof Error) return process.env['TOCSIN_LOG_LEVEL'] === 'debug' ? (failure.stack ?? failure.message) : failure.message;
  return String(failure);
}
