// npm start and npm run stack: checks the machine, installs, builds, then hands over to the supervisor on Node 24.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkNode, handOver, installAndBuild, refuse, root } from './install.mjs';

const startedAt = Date.now();
const args = process.argv.slice(2);
checkNode();
const starts = !args.some((arg) => ['--status', '--stop', '--help'].includes(arg));
// Said before minutes of downloads rather than after; the supervisor checks versions and the rest.
if (starts && (process.env.TOCSIN_GROUND ?? 'embedded') === 'embedded') {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  if (spawnSync(java, ['-version'], { stdio: 'ignore' }).error !== undefined) {
    refuse(`Java is missing (${java} does not run): install Java 17 or newer, e.g. apt-get install openjdk-17-jdk-headless.`);
  }
  if (spawnSync('mvn', ['-v'], { stdio: 'ignore' }).error !== undefined) {
    refuse('Maven is missing (mvn does not run): install it, e.g. apt-get install maven.');
  }
}
installAndBuild();
handOver(join(root, 'node_modules', '.bin', 'node'), [join(root, 'tools', 'stack', 'dist', 'main.js'), ...args], {
  TOCSIN_STACK_STARTED_AT: String(startedAt),
});
