import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** ms a run of one test file may take: a row in memory, with real parts, and with a whole stack. A mutation may loop for ever. */
const DEADLINES_MS = [
  ['.unit.test.ts', 90_000],
  ['.int.test.ts', 300_000],
  ['.e2e.test.ts', 480_000],
] as const;

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

/** Runs the rows of test files whose titles contain one of `titles`, in a tree. */
export function runRows(root: string, files: readonly string[], titles: readonly string[], env: NodeJS.ProcessEnv): Ran {
  const report = join(root, 'mutant-report.json');
  rmSync(report, { force: true });
  const pattern = titles.map((title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const args = ['run', ...files, '--testNamePattern', pattern, '--reporter=json', `--outputFile=${report}`];
  const run = spawnSync(join(root, 'node_modules/.bin/vitest'), args, {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: files.reduce((sum, file) => sum + (DEADLINES_MS.find(([suffix]) => file.endsWith(suffix))?.[1] ?? 0), 0),
    maxBuffer: 64 * 1024 * 1024,
  });
  let parsed: VitestReport;
  try {
    parsed = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  } catch {
    return { rows: [], broken: `no report: ${run.error?.message ?? `${run.stdout}${run.stderr}`.slice(-2_000)}` };
  }
  const rows = parsed.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({ title: fullName, passed: status === 'passed', said: failureMessages.join('\n') })),
  );
  return { rows, broken: parsed.testResults.map(({ message }) => message).join('\n') };
}
