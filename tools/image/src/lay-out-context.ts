import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { installProduction } from './install-production.js';
import { isProduction } from './production-files.js';

/** Tools an operator runs in a container of the image. */
const TOOLS = ['admin', 'cli'];
/** Beside dist: what a library or service reads while it runs. */
const BESIDE = ['package.json', 'channel.json', 'descriptors', 'dist'];

/**
 * Lays out what deploy/image/Dockerfile copies and returns its folder: bin (node and the entry), node_modules (production packages of the
 * lockfile) and app (what was built). Packages are installed again only when the lockfile changed.
 */
export function layOutContext(root: string, context: string, arch: 'x64' | 'arm64'): string {
  mkdirSync(context, { recursive: true });
  installProduction(root, context, arch);
  const app = join(context, 'app');
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app);
  copyFileSync(join(root, 'deploy', 'image', 'tocsin'), join(context, 'bin', 'tocsin'));
  copyFileSync(join(root, 'deploy', 'image', 'health.mjs'), join(app, 'health.mjs'));
  for (const name of ['package.json', 'LICENSE', 'NOTICE']) copyFileSync(join(root, name), join(app, name));
  for (const room of roomsOf(root)) copyRoom(root, app, room);
  return context;
}

/** Libraries, services and tools that run in production, such as "libs/kafka". */
function roomsOf(root: string): string[] {
  const below = (folder: string): string[] => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  return [...below('libs').filter((room) => room !== 'libs/testing'), ...below('services'), ...TOOLS.map((name) => `tools/${name}`)];
}

function copyRoom(root: string, app: string, room: string): void {
  if (!existsSync(join(root, room, 'dist'))) throw new Error(`${room} is not built: run "npm run build" first.`);
  for (const name of BESIDE) {
    const from = join(root, room, name);
    if (!existsSync(from)) continue;
    cpSync(from, join(app, room, name), { recursive: true, filter: (path) => isProduction(relative(root, path)) });
  }
}
