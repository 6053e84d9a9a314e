import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** ms a run of one test file may take: a row in memory, with real parts, and with a whole stack. A mutation may loop for ever. */
const DEADLINES_MS = [
  ['.unit.test.ts', 90_000],
  ['.int.test.ts', 300_000],
  ['.e2e.test.ts', 480_000],
] as const;

/** Characters kept of what a run says. */
const SAID = 2_000;
/** ms a run that is interrupted has to stop the stacks it started. */
const END_MS = 30_000;

interface VitestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** One row that ran: its whole title, whether it passed, and what it said when it failed. */
export interface RanRow {
  readonly title: string;
  readonly passed: boolean;
  readonly said: string;
}

export interface Ran {
  readonly rows: readonly RanRow[];
  /** What the file itself, or the runner, said when no row could run. */
  readonly broken: string;
}

/** Runs the rows of test files whose titles contain one of `titles`, in a tree; `signal` ends the run and all that it started. */
export async function runRows(
  root: string,
  files: readonly string[],
  titles: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Ran> {
  const report = join(root, 'mutant-report.json');
  rmSync(report, { force: true });
  const pattern = titles.map((title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const args = ['run', ...files, '--testNamePattern', pattern, '--reporter=json', `--outputFile=${report}`];
  const deadline = files.reduce((sum, file) => sum + (DEADLINES_MS.find(([suffix]) => file.endsWith(suffix))?.[1] ?? 0), 0);
  const said = await runToEnd(
    join(root, 'node_modules/.bin/vitest'),
    args,
    { cwd: root, env },
    AbortSignal.any([signal, AbortSignal.timeout(deadline)]),
  );
  let parsed: VitestReport;
  try {
    parsed = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  } catch {
    return { rows: [], broken: `no report: ${said.slice(-SAID)}` };
  }
  const rows = parsed.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({ title: fullName, passed: status === 'passed', said: failureMessages.join('\n') })),
  );
  return { rows, broken: parsed.testResults.map(({ message }) => message).join('\n') };
}

/** Runs a program as a process group of its own and answers the end of what it said; the group is asked to end when it is aborted, and killed when it does not. */
function runToEnd(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk: Buffer): void => void (said = (said + chunk.toString('utf8')).slice(-2 * SAID));
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const end = (how: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, how);
      } catch {
        // It has ended already.
      }
    };
    const abort = (): void => {
      said += '\nended: it took too long, or was interrupted';
      end('SIGTERM');
      setTimeout(() => end('SIGKILL'), END_MS).unref();
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => void (said += error.message));
    child.once('close', () => {
      signal.removeEventListener('abort', abort);
      resolve(said);
    });
  });
}
