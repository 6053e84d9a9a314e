import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackPaths } from '../stack/paths.js';
import { readManifest, type ExpectedTenant } from './read-manifest.js';
import { runTool } from './run-tool.js';

/** 180,000 rows take some seconds. */
const GENERATE_DEADLINE_MS = 120_000;

export interface DemoInput {
  readonly manifestFile: string;
  readonly tenants: readonly ExpectedTenant[];
}

/** The generator's files for a seed, made once and kept. */
export async function demoInput(paths: StackPaths, demoDir: string, seed: number): Promise<DemoInput> {
  const folder = join(demoDir, 'input');
  const manifestFile = join(folder, 'manifest.json');
  // Written last: files without the stamp, or with another seed's, are made anew.
  const stamp = join(folder, 'seed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== String(seed)) {
    rmSync(folder, { recursive: true, force: true });
    await runTool(
      join(paths.root, 'tools', 'generate', 'dist', 'main.js'),
      ['--out', folder, '--seed', String(seed)],
      {},
      GENERATE_DEADLINE_MS,
    );
    writeFileSync(stamp, String(seed));
  }
  return { manifestFile, tenants: readManifest(manifestFile) };
}
