import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TocsinError } from '@tocsin/errors';
import { readManifest, type ExpectedTenant } from '../../../stack/dist/job/read-manifest.js';
import { runTool } from '../../../stack/dist/job/run-tool.js';

/** 150,000 rows take some seconds. */
const GENERATE_DEADLINE_MS = 300_000;
/** One city of so many contacts to reach, written by tools/generate once and kept: the same people in every run; cities of two seeds share no number. */
export async function cityInput(root: string, folder: string, contacts: number, seed: number): Promise<ExpectedTenant> {
  const manifest = join(folder, 'manifest.json');
  // The generator writes it last: a folder without one was not finished.
  if (!existsSync(manifest)) {
    rmSync(folder, { recursive: true, force: true });
    const sizes = ['--city', String(contacts), '--towns', '0', '--communes', '0'];
    await runTool(
      join(root, 'tools', 'generate', 'dist', 'main.js'),
      ['--out', folder, '--seed', String(seed), ...sizes],
      {},
      GENERATE_DEADLINE_MS,
    );
  }
  const city = readManifest(manifest)[0];
  if (city === undefined) throw new TocsinError('INTERNAL', 'NO_CITY', `${manifest} names no city: remove its folder and start again.`);
  return city;
}
