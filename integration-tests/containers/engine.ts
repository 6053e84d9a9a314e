import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@tocsin/testing';

/** ms an engine may take to say that it is there. */
const ENGINE_DEADLINE_MS = 10_000;
/** ms to build the image: packages are installed, 270 MB are sent to the engine. */
const BUILD_DEADLINE_MS = 240_000;

/** Any image with a Java 17 runtime; .ci/container-engine makes one from Debian packages where nothing can be pulled. */
export const JAVA_IMAGE = process.env['TOCSIN_TEST_JAVA_IMAGE'] ?? 'eclipse-temurin:17-jre';

/** What the image is built on: the same Debian where nothing can be pulled, else what the recipe says. */
const BASE = process.env['TOCSIN_TEST_JAVA_IMAGE'];

/** Whether a container engine can be used; the containers' own clean-up container cannot be pulled everywhere, so tests end what they start. */
export function engineAnswers(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: ENGINE_DEADLINE_MS });
    process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
    return true;
  } catch {
    return false;
  }
}

/** Builds the image by the repository's recipe, as `npm run image` does, and answers its name. */
export function buildImage(): string {
  const root = repositoryRoot();
  const base = BASE === undefined ? [] : ['--base', BASE];
  const built = spawnSync(process.execPath, [join(root, 'tools/image/dist/main.js'), '--tag', 'tocsin:test', ...base], {
    cwd: root,
    encoding: 'utf8',
    timeout: BUILD_DEADLINE_MS,
  });
  if (built.status !== 0) throw new Error(`the image was not built: ${built.stderr || String(built.error)}`);
  return built.stdout.trim();
}

/** What the engine knows of a container. */
export function inspect<T>(id: string, format: string): T {
  return JSON.parse(execFileSync('docker', ['inspect', '--format', `{{json ${format}}}`, id], { encoding: 'utf8' })) as T;
}
