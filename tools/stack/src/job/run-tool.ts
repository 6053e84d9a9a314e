import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TocsinError } from '@tocsin/errors';
import { HERE, type Place } from '../stack/layout.js';

/** Joined ledgers name at most 10,000 deliveries of some 60 bytes. */
const OUTPUT_BYTES = 16_777_216;

const run = promisify(execFile);

/** Runs one of our own programs to its end and answers its standard output; throws its last sentence when it fails. */
export async function runTool(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  deadlineMs: number,
  place: Place = HERE,
): Promise<string> {
  const command = place.wrap(process.execPath, [script, ...args]);
  try {
    const { stdout } = await run(command.command, [...command.args], {
      timeout: deadlineMs,
      maxBuffer: OUTPUT_BYTES,
      env: { ...process.env, ...env },
    });
    return stdout;
  } catch (failure) {
    const said = failure instanceof Error && 'stderr' in failure ? String(failure.stderr).trim() : '';
    const last = said.split('\n').at(-1);
    throw new TocsinError(
      'FAILED_PRECONDITION',
      'TOOL_FAILED',
      last === undefined || last === '' ? `${script} failed: ${String(failure)}.` : last,
      {
        cause: failure,
      },
    );
  }
}
