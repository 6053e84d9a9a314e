import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { layOutContext } from './lay-out-context.js';

// npm run image -- [--base IMAGE] [--tag NAME:VERSION] [--arch x64|arm64] [--context-only]
const { values } = parseArgs({
  options: {
    base: { type: 'string', default: 'debian:bookworm-slim' },
    tag: { type: 'string' },
    arch: { type: 'string', default: process.arch },
    'context-only': { type: 'boolean', default: false },
  },
});

const root = process.cwd();
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
const tag = values.tag ?? `tocsin:${version}`;
const { arch } = values;
if (arch !== 'x64' && arch !== 'arm64') {
  console.error(`There is no Node package for ${arch}: --arch is x64 or arm64.`);
  process.exit(2);
}
const context = layOutContext(root, join(root, '.tocsin', 'image', arch), arch);
if (!values['context-only']) build();
console.log(values['context-only'] ? context : tag);

function build(): void {
  const platform = arch === process.arch ? [] : ['--platform', `linux/${arch === 'x64' ? 'amd64' : arch}`];
  const told = { BASE: values.base, VERSION: version, REVISION: revision() };
  const buildArguments = Object.entries(told).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const recipe = join(root, 'deploy', 'image', 'Dockerfile');
  const docker = spawnSync('docker', ['build', '--quiet', '--file', recipe, '--tag', tag, ...platform, ...buildArguments, context], {
    stdio: ['ignore', 2, 'inherit'],
  });
  if (docker.error !== undefined) {
    console.error('Docker is not installed: install it, or use --context-only and build the folder with what you have.');
    process.exit(3);
  }
  if (docker.status !== 0) process.exit(docker.status ?? 1);
}

/** The commit that is built, and whether the tree differed from it. */
function revision(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return `${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '-changed'}`;
  } catch {
    return 'unknown';
  }
}
