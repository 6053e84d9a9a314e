import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read, sourceFiles } from './source-files.ts';

/** Image of the contracts of the last release; `npm run contracts:release` renews it when a release is made. */
const LAST_RELEASE = 'proto/last-release.binpb';
const GENERATED = 'libs/contracts/src/gen';
const DESCRIPTORS = 'libs/contracts/descriptors/tocsin.binpb';

export function checkContracts(): string[] {
  return [
    ...buf(['lint'], 'buf lint'),
    ...(existsSync(LAST_RELEASE) ? buf(['breaking', '--against', LAST_RELEASE], 'buf breaking') : [`${LAST_RELEASE} is missing.`]),
    ...generatedIsClean(),
  ];
}

function generatedIsClean(): string[] {
  const scratch = mkdtempSync(join(tmpdir(), 'tocsin-gen-'));
  try {
    const template = join(scratch, 'buf.gen.yaml');
    writeFileSync(template, read('buf.gen.yaml').replace(GENERATED, join(scratch, 'gen')));
    const faults = buf(['generate', '--template', template], 'buf generate');
    if (faults.length > 0) return faults;
    const fresh = spawnSync('diff', ['-rq', join(scratch, 'gen'), GENERATED], { encoding: 'utf8' });
    const image = join(scratch, 'tocsin.binpb');
    faults.push(...buf(['build', '--as-file-descriptor-set', '-o', image], 'buf build'));
    if (existsSync(DESCRIPTORS) && !readFileSync(image).equals(readFileSync(DESCRIPTORS))) {
      faults.push(`${DESCRIPTORS} does not match proto/: run "npm run generate".`);
    }
    if (fresh.status !== 0)
      faults.push(`${GENERATED} does not match proto/ (${sourceFiles(/\.proto$/).length} files): run "npm run generate".`);
    return faults;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function buf(args: readonly string[], title: string): string[] {
  const result = spawnSync('buf', args, { encoding: 'utf8' });
  if (result.status === 0) return [];
  const lines = `${result.stdout}${result.stderr}`.split('\n').filter((line) => line !== '');
  return lines.length === 0 ? [`${title} failed.`] : lines.map((line) => `${title}: ${line}`);
}
