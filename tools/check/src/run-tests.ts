// Runs every Vitest project and closes with one line a machine can read: "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scenarioPlaces, type ReportedFile } from './scenario-places.ts';

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly ReportedFile[];
}

const scratch = mkdtempSync(join(tmpdir(), 'tocsin-tests-'));
const report = join(scratch, 'report.json');
const run = spawnSync('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
const counts = readReport();
rmSync(scratch, { recursive: true, force: true });
const failed = counts.failed === 0 && run.status !== 0 ? 1 : counts.failed;
console.log(scenarioPlaces(counts.files));
console.log(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
const skippedIsFault = process.env['TOCSIN_FAIL_ON_SKIP'] === '1' && counts.skipped > 0;
if (skippedIsFault) console.log('A skipped row is a fault here: install what it names.');
process.exitCode = failed === 0 && run.status === 0 && counts.passed > 0 && !skippedIsFault ? 0 : 1;

function readReport(): { passed: number; failed: number; skipped: number; files: readonly ReportedFile[] } {
  try {
    const parsed = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
    return { passed: parsed.numPassedTests, failed: parsed.numFailedTests, skipped: parsed.numPendingTests, files: parsed.testResults };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, files: [] };
  }
}
