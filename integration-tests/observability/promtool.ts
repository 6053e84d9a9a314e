import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether promtool is there; its absence is one sentence: install the Debian package "prometheus". */
export function hasPromtool(): boolean {
  return spawnSync('promtool', ['--version']).status === 0;
}

/** Runs promtool in a folder; '' when it is content, else what it says. */
export function promtool(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', [...args], { cwd, encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** '' when every expression can be parsed, else what promtool says. */
export function parseFaults(expressions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-promql-'));
  try {
    const rules = expressions.map((expr, place) => ({ record: `expression_${place}`, expr }));
    // JSON is YAML.
    writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'expressions', rules }] }));
    return promtool(['check', 'rules', 'rules.yaml'], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
